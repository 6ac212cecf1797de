# Pipelines. AWS CodePipeline pricing page.

cost "aws_codepipeline" {
  usage {
    monthly_action_minutes = "Minutes in which actions run (pipelines of type V2)"
  }
  locals {
    second = self.pipeline_type == "V2"
  }
  component "Active pipeline" {
    when     = !local.second
    price    = price("AWSCodePipeline", "activePipeline")
    quantity = 1
    unit     = "months"
  }
  component "Action execution" {
    when     = local.second
    price    = price("AWSCodePipeline", "actionExecutionMinute")
    quantity = usage.monthly_action_minutes
    unit     = "minutes"
  }

  example {
    expected = { "Active pipeline" = "1" }
    resource "aws_codepipeline" "main" {
      name     = "main"
      role_arn = "arn:aws:iam::123456789012:role/main"
      artifact_store {
        location = "main"
        type     = "S3"
      }
      stage {
        name = "Source"
        action {
          name     = "Source"
          category = "Source"
          owner    = "AWS"
          provider = "CodeStarSourceConnection"
          version  = "1"
        }
      }
      stage {
        name = "Build"
        action {
          name     = "Build"
          category = "Build"
          owner    = "AWS"
          provider = "CodeBuild"
          version  = "1"
        }
      }
    }
  }
  example {
    # 1,000 minutes × 0.002.
    usage    = { monthly_action_minutes = 1000 }
    expected = { "Action execution" = "2" }
    resource "aws_codepipeline" "main" {
      name          = "main"
      role_arn      = "arn:aws:iam::123456789012:role/main"
      pipeline_type = "V2"
      artifact_store {
        location = "main"
        type     = "S3"
      }
      stage {
        name = "Source"
        action {
          name     = "Source"
          category = "Source"
          owner    = "AWS"
          provider = "CodeStarSourceConnection"
          version  = "1"
        }
      }
      stage {
        name = "Build"
        action {
          name     = "Build"
          category = "Build"
          owner    = "AWS"
          provider = "CodeBuild"
          version  = "1"
        }
      }
    }
  }
}
