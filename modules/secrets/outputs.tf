output "parameters" {
  description = "Names of all parameters in SSM, settings and secret ones, by name: for `secrets` of a service, for example."
  value       = { for name, parameter in merge(aws_ssm_parameter.setting, aws_ssm_parameter.secret) : name => parameter.name }
}

output "parameter_arns" {
  description = "ARNs of all parameters, by name."
  value       = { for name, parameter in merge(aws_ssm_parameter.setting, aws_ssm_parameter.secret) : name => parameter.arn }
}

output "secret_arns" {
  description = "ARNs of the secrets, by name."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}
