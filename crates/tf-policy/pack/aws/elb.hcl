# Elastic Load Balancing: application, network and gateway load balancers, their listeners and target groups, and classic ones.

policy "aws-elb-access-logs" {
  title    = "Load balancers write access logs"
  severity = "medium"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV_AWS_91"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Without them nobody can say afterwards what was asked for, from where, and how it was answered."
  fix = "Add an access_logs block with a bucket and enabled = true."

  when      = self.load_balancer_type != "gateway"
  condition = self.access_logs.enabled == true

  pass {
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      access_logs {
        bucket  = "example-logs"
        enabled = true
      }
    }
    resource "aws_lb" "gateway" {
      name               = "web"
      subnets            = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type = "gateway"
    }
  }
  fail {
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = true
    }
  }
  fail {
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      access_logs {
        bucket = "example-logs"
      }
    }
  }
  unknown {
    variable "logs" {
      type = bool
    }
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      access_logs {
        bucket  = "example-logs"
        enabled = var.logs
      }
    }
  }
}

policy "aws-elb-drop-invalid-headers" {
  title    = "Application load balancers drop invalid headers"
  severity = "medium"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV_AWS_131"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "Header names that servers read differently are how requests are smuggled past checks."
  fix = "Set drop_invalid_header_fields = true."

  when      = self.load_balancer_type != "gateway" && self.load_balancer_type != "network"
  condition = self.drop_invalid_header_fields == true

  pass {
    resource "aws_lb" "web" {
      name                       = "web"
      subnets                    = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      drop_invalid_header_fields = true
    }
  }
  fail {
    resource "aws_lb" "web" {
      name               = "web"
      subnets            = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type = "application"
    }
  }
  unknown {
    variable "drop" {
      type = bool
    }
    resource "aws_lb" "web" {
      name                       = "web"
      subnets                    = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      drop_invalid_header_fields = var.drop
    }
  }
  unknown {
    variable "kind" {
      type = string
    }
    resource "aws_lb" "web" {
      name               = "web"
      subnets            = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type = var.kind
    }
  }
}

policy "aws-elb-deletion-protection" {
  title    = "Load balancers are protected from deletion"
  severity = "low"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV_AWS_150"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "A load balancer that is deleted by mistake comes back under a different name and address."
  fix = "Set enable_deletion_protection = true."

  condition = self.enable_deletion_protection == true

  pass {
    resource "aws_lb" "web" {
      name                       = "web"
      subnets                    = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      enable_deletion_protection = true
    }
  }
  fail {
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = true
    }
  }
  unknown {
    variable "protect" {
      type = bool
    }
    resource "aws_lb" "web" {
      name                       = "web"
      subnets                    = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      enable_deletion_protection = var.protect
    }
  }
}

policy "aws-elb-cross-zone" {
  title    = "Network and gateway load balancers balance across zones"
  severity = "low"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV_AWS_152"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "Otherwise a zone with few healthy targets gets as much traffic as one with many, and drowns."
  fix = "Set enable_cross_zone_load_balancing = true."

  when      = self.load_balancer_type == "network" || self.load_balancer_type == "gateway"
  condition = self.enable_cross_zone_load_balancing == true

  pass {
    resource "aws_lb" "web" {
      name                             = "web"
      subnets                          = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type               = "network"
      enable_cross_zone_load_balancing = true
    }
  }
  fail {
    resource "aws_lb" "web" {
      name               = "web"
      subnets            = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type = "network"
    }
  }
}

policy "aws-elb-desync-mitigation" {
  title    = "Load balancers hold back ambiguous requests"
  severity = "medium"
  resource = ["aws_lb", "aws_alb", "aws_elb"]
  checkov  = ["CKV_AWS_328"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "In monitor mode requests that two servers read differently go through, and with them whatever is smuggled inside."
  fix = "Set desync_mitigation_mode to \"defensive\", the default, or \"strictest\"."

  condition = self.desync_mitigation_mode != "monitor"

  pass {
    resource "aws_lb" "web" {
      name                   = "web"
      subnets                = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      desync_mitigation_mode = "strictest"
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port     = 8080
        instance_protocol = "http"
        lb_port           = 80
        lb_protocol       = "http"
      }
    }
  }
  fail {
    resource "aws_lb" "web" {
      name                   = "web"
      subnets                = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      desync_mitigation_mode = "monitor"
    }
  }
  unknown {
    variable "mode" {
      type = string
    }
    resource "aws_lb" "web" {
      name                   = "web"
      subnets                = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      desync_mitigation_mode = var.mode
    }
  }
}

policy "aws-elb-http-redirected" {
  title    = "Application load balancers send plain HTTP to HTTPS"
  severity = "high"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV2_AWS_20"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "What goes over plain HTTP, cookies and passwords included, is read and changed on the way."
  fix = "Make the default action of the HTTP listener a redirect with protocol = \"HTTPS\"."

  # Checkov also fails HTTP listeners on other ports than 80 that redirect, and network load balancers with TCP on port 80.
  when = self.load_balancer_type != "network" && self.load_balancer_type != "gateway"
  condition = alltrue([
    for l in linked(self, "aws_lb_listener", "aws_alb_listener") : l.protocol != "HTTP" || (l.default_action.type == "redirect" && l.default_action.redirect.protocol == "HTTPS")
  ])
  message = "a listener serves plain HTTP"

  pass {
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          port        = "443"
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    resource "aws_lb_listener" "https" {
      load_balancer_arn = aws_lb.web.arn
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = "HTTP"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_lb" "web" {
      name    = "web"
      subnets = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = aws_lb.web.arn
      port              = 80
      protocol          = var.protocol
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
}

policy "aws-elb-waf" {
  title    = "Public application load balancers have a web ACL"
  severity = "medium"
  resource = ["aws_lb", "aws_alb"]
  checkov  = ["CKV2_AWS_28"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Known attacks reach the application unhindered, and there is no place to stop a new one quickly."
  fix = "Add an aws_wafv2_web_acl_association for the load balancer."

  condition = anytrue([
    self.load_balancer_type == "network" || self.load_balancer_type == "gateway",
    self.internal == true,
    exists(linked(self, "aws_wafv2_web_acl_association", "aws_wafregional_web_acl_association")),
  ])
  attribute = "internal"
  message   = "the load balancer is public and has no web ACL"

  pass {
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = false
    }
    resource "aws_wafv2_web_acl_association" "web" {
      resource_arn = aws_lb.web.arn
      web_acl_arn  = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/12345678-1234-1234-1234-123456789012"
    }
  }
  pass {
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = true
    }
  }
  pass {
    resource "aws_lb" "web" {
      name               = "web"
      subnets            = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      load_balancer_type = "network"
    }
  }
  fail {
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = false
    }
  }
  unknown {
    variable "internal" {
      type = bool
    }
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = var.internal
    }
  }
  unknown {
    variable "load_balancer_arn" {
      type = string
    }
    resource "aws_lb" "web" {
      name     = "web"
      subnets  = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
      internal = false
    }
    resource "aws_wafv2_web_acl_association" "some" {
      resource_arn = var.load_balancer_arn
      web_acl_arn  = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/12345678-1234-1234-1234-123456789012"
    }
  }
}

policy "aws-elb-listener-encrypted" {
  title    = "Listeners do not serve plain HTTP"
  severity = "high"
  resource = ["aws_lb_listener", "aws_alb_listener"]
  checkov  = ["CKV_AWS_2"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "What goes over plain HTTP, cookies and passwords included, is read and changed on the way."
  fix = "Use HTTPS with a certificate, or make the default action a redirect with protocol = \"HTTPS\"."

  # Only listeners of gateway load balancers have no protocol; Checkov fails them.
  when = self.protocol != null
  condition = anytrue([
    contains(["HTTPS", "TLS", "TCP", "UDP", "TCP_UDP"], self.protocol),
    self.protocol == "HTTP" && self.default_action.type == "redirect" && self.default_action.redirect.protocol == "HTTPS",
  ])
  message = "the listener serves ${self.protocol}"

  pass {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          port        = "443"
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    resource "aws_lb_listener" "tcp" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 5432
      protocol          = "TCP"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "http" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 80
      protocol          = "HTTP"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "http" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          port        = "8080"
          protocol    = "HTTP"
          status_code = "HTTP_301"
        }
      }
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_lb_listener" "asked" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = var.protocol
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
}

policy "aws-elb-listener-tls-1-2" {
  title    = "Listeners demand TLS 1.2 or later"
  severity = "high"
  resource = ["aws_lb_listener", "aws_alb_listener"]
  checkov  = ["CKV_AWS_103"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "TLS 1.0 and 1.1 are broken, and PCI DSS forbids them."
  fix = "Set ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\" or a stricter one. Without it the default of 2016 applies."

  # Checkov takes every policy that begins with ELBSecurityPolicy-TLS13 for safe; TLS13-1-0 and TLS13-1-1 allow old versions too.
  # It fails listeners of gateway load balancers, which have no protocol, unless it sees the load balancer.
  when = self.protocol != null
  condition = anytrue([
    contains(["TCP", "UDP", "TCP_UDP"], self.protocol),
    self.default_action.type == "redirect" && self.default_action.redirect.protocol == "HTTPS",
    contains(["HTTPS", "TLS"], self.protocol) && matches(self.ssl_policy, "^ELBSecurityPolicy-(FS-1-2|TLS-1-2|TLS13-1-[23])"),
  ])
  attribute = "ssl_policy"

  pass {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
    resource "aws_lb_listener" "older" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-FS-1-2-Res-2020-10"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 80
      protocol          = "HTTP"
      default_action {
        type = "redirect"
        redirect {
          port        = "443"
          protocol    = "HTTPS"
          status_code = "HTTP_301"
        }
      }
    }
    resource "aws_lb_listener" "tcp" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 5432
      protocol          = "TCP"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-0-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  unknown {
    variable "policy" {
      type = string
    }
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = var.policy
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
}

policy "aws-elb-listener-strong-ciphers" {
  title    = "Listeners use no outdated security policy"
  severity = "medium"
  resource = ["aws_lb_listener", "aws_alb_listener"]
  checkov  = ["CKV2_AWS_74"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "The old policies accept ciphers and versions of TLS that can be broken."
  fix = "Set ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\" or a stricter one."

  condition = !contains(["HTTPS", "TLS"], self.protocol) || !contains([
    "ELBSecurityPolicy-2014-01", "ELBSecurityPolicy-2014-10", "ELBSecurityPolicy-2015-02", "ELBSecurityPolicy-2015-03",
    "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-Default", "ELBSecurityPolicy-TLS-1-0-2015-04",
    "ELBSecurityPolicy-TLS-1-1-2017-01"
  ], coalesce(self.ssl_policy, "ELBSecurityPolicy-2016-08"))
  attribute = "ssl_policy"

  pass {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
    resource "aws_lb_listener" "tcp" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 5432
      protocol          = "TCP"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-2016-08"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  fail {
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
  unknown {
    variable "policy" {
      type = string
    }
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = var.policy
      default_action {
        type             = "forward"
        target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef"
      }
    }
  }
}

policy "aws-elb-target-group-encrypted" {
  title    = "Targets are reached over HTTPS"
  severity = "medium"
  resource = ["aws_lb_target_group", "aws_alb_target_group"]
  checkov  = ["CKV_AWS_378"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Between the load balancer and its targets everything goes through the network in plain text."
  fix = "Set protocol = \"HTTPS\" and let the targets serve it; the load balancer does not check their certificate."

  # As with Checkov, HTTP is let pass behind a listener that is not plain HTTP itself.
  condition = self.protocol != "HTTP" || anytrue([for l in linked(self, "aws_lb_listener", "aws_alb_listener") : l.protocol != "HTTP"])

  pass {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8443
      protocol = "HTTPS"
      vpc_id   = "vpc-0123456789abcdef0"
    }
    resource "aws_lb_target_group" "function" {
      name        = "function"
      target_type = "lambda"
    }
  }
  pass {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8080
      protocol = "HTTP"
      vpc_id   = "vpc-0123456789abcdef0"
    }
    resource "aws_lb_listener" "https" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 443
      protocol          = "HTTPS"
      certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
      default_action {
        type             = "forward"
        target_group_arn = aws_lb_target_group.web.arn
      }
    }
  }
  fail {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8080
      protocol = "HTTP"
      vpc_id   = "vpc-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8080
      protocol = "HTTP"
      vpc_id   = "vpc-0123456789abcdef0"
    }
    resource "aws_lb_listener" "http" {
      load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/0123456789abcdef"
      port              = 80
      protocol          = "HTTP"
      default_action {
        type             = "forward"
        target_group_arn = aws_lb_target_group.web.arn
      }
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8080
      protocol = var.protocol
      vpc_id   = "vpc-0123456789abcdef0"
    }
  }
}

policy "aws-elb-target-group-health-check" {
  title    = "Target groups for HTTP say how to check the health"
  severity = "low"
  resource = ["aws_lb_target_group", "aws_alb_target_group"]
  checkov  = ["CKV_AWS_261"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "The default check asks for /, which many applications answer although they do not work."
  fix = "Add a health_check block with the path of a real check."

  when      = self.protocol == "HTTP" || self.protocol == "HTTPS"
  condition = self.health_check.path != null

  pass {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8443
      protocol = "HTTPS"
      vpc_id   = "vpc-0123456789abcdef0"
      health_check {
        path     = "/healthz"
        protocol = "HTTPS"
      }
    }
  }
  fail {
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8443
      protocol = "HTTPS"
      vpc_id   = "vpc-0123456789abcdef0"
    }
  }
  unknown {
    variable "path" {
      type = string
    }
    resource "aws_lb_target_group" "web" {
      name     = "web"
      port     = 8443
      protocol = "HTTPS"
      vpc_id   = "vpc-0123456789abcdef0"
      health_check {
        path = var.path
      }
    }
  }
}

policy "aws-elb-classic-access-logs" {
  title    = "Classic load balancers write access logs"
  severity = "medium"
  resource = ["aws_elb"]
  checkov  = ["CKV_AWS_92"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Without them nobody can say afterwards what was asked for, from where, and how it was answered."
  fix = "Add an access_logs block with a bucket, and do not set enabled = false in it."

  condition = length(self.access_logs) > 0 && self.access_logs.enabled != false

  pass {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      access_logs {
        bucket = "example-logs"
      }
    }
  }
  fail {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
  fail {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      access_logs {
        bucket  = "example-logs"
        enabled = false
      }
    }
  }
  unknown {
    variable "logs" {
      type = bool
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      access_logs {
        bucket  = "example-logs"
        enabled = var.logs
      }
    }
  }
}

policy "aws-elb-classic-cross-zone" {
  title    = "Classic load balancers balance across zones"
  severity = "low"
  resource = ["aws_elb"]
  checkov  = ["CKV_AWS_138"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "Otherwise a zone with few healthy instances gets as much traffic as one with many."
  fix = "Leave cross_zone_load_balancing out, or set it to true."

  condition = self.cross_zone_load_balancing != false

  pass {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
  fail {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      cross_zone_load_balancing = false
    }
  }
  unknown {
    variable "cross" {
      type = bool
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      cross_zone_load_balancing = var.cross
    }
  }
}

policy "aws-elb-classic-listener-certificate" {
  title    = "Listeners of classic load balancers have a certificate"
  severity = "high"
  resource = ["aws_elb"]
  checkov  = ["CKV_AWS_127"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Without a certificate the traffic from clients is in plain text."
  fix = "Set lb_protocol to https or ssl and ssl_certificate_id to a certificate of ACM in each listener."

  condition = alltrue([for l in self.listener : l.ssl_certificate_id != null])
  attribute = "listener"
  message   = "a listener has no certificate"

  pass {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
  pass {
    resource "aws_acm_certificate" "web" {
      domain_name       = "www.example.com"
      validation_method = "DNS"
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = aws_acm_certificate.web.arn
      }
    }
  }
  fail {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
      listener {
        instance_port     = 8080
        instance_protocol = "http"
        lb_port           = 80
        lb_protocol       = "http"
      }
    }
  }
  unknown {
    variable "certificate" {
      type = string
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = var.certificate
      }
    }
  }
}

policy "aws-elb-classic-instances-encrypted" {
  title    = "Classic load balancers reach their instances over TLS"
  severity = "medium"
  resource = ["aws_elb"]
  checkov  = ["CKV_AWS_376"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "Between the load balancer and the instances everything goes through the network in plain text."
  fix = "Set instance_protocol to https or ssl, with ssl_certificate_id, in each listener."

  condition = alltrue([
    for l in self.listener : alltrue([
      !contains(["http", "tcp"], lower(l.instance_protocol)),
      !contains(["https", "ssl"], lower(l.instance_protocol)) || l.ssl_certificate_id != null,
    ])
  ])
  attribute = "listener"
  message   = "a listener reaches the instances in plain text"

  pass {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "https"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
  fail {
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = "HTTP"
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_elb" "classic" {
      availability_zones = ["eu-west-1a"]
      listener {
        instance_port      = 8443
        instance_protocol  = var.protocol
        lb_port            = 443
        lb_protocol        = "https"
        ssl_certificate_id = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
      }
    }
  }
}

policy "aws-elb-classic-security-policy" {
  title    = "Policies of classic load balancers demand TLS 1.2"
  severity = "high"
  resource = ["aws_load_balancer_policy"]
  checkov  = ["CKV_AWS_213"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "SSL 3, TLS 1.0 and TLS 1.1 are broken, and PCI DSS forbids them."
  fix = "Set Reference-Security-Policy to ELBSecurityPolicy-TLS-1-2-2017-01."

  # Checkov takes any value for yes, also "false".
  condition = !anytrue([
    for a in self.policy_attribute : anytrue([
      contains(["Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1"], a.name) && lower(a.value) == "true",
      a.name == "Reference-Security-Policy" && contains([
        "ELBSecurityPolicy-2014-01", "ELBSecurityPolicy-2014-10", "ELBSecurityPolicy-2015-02", "ELBSecurityPolicy-2015-03",
        "ELBSecurityPolicy-2015-05", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-Default", "ELBSecurityPolicy-TLS-1-0-2015-04",
        "ELBSecurityPolicy-TLS-1-1-2017-01"
      ], a.value),
    ])
  ])
  message = "the policy allows outdated versions of TLS"

  pass {
    resource "aws_load_balancer_policy" "tls" {
      load_balancer_name = "classic"
      policy_name        = "tls"
      policy_type_name   = "SSLNegotiationPolicyType"
      policy_attribute {
        name  = "Reference-Security-Policy"
        value = "ELBSecurityPolicy-TLS-1-2-2017-01"
      }
    }
    resource "aws_load_balancer_policy" "own" {
      load_balancer_name = "classic"
      policy_name        = "own"
      policy_type_name   = "SSLNegotiationPolicyType"
      policy_attribute {
        name  = "Protocol-TLSv1"
        value = "false"
      }
      policy_attribute {
        name  = "Protocol-TLSv1.2"
        value = "true"
      }
    }
  }
  fail {
    resource "aws_load_balancer_policy" "tls" {
      load_balancer_name = "classic"
      policy_name        = "tls"
      policy_type_name   = "SSLNegotiationPolicyType"
      policy_attribute {
        name  = "Reference-Security-Policy"
        value = "ELBSecurityPolicy-2016-08"
      }
    }
  }
  fail {
    resource "aws_load_balancer_policy" "own" {
      load_balancer_name = "classic"
      policy_name        = "own"
      policy_type_name   = "SSLNegotiationPolicyType"
      policy_attribute {
        name  = "Protocol-TLSv1.1"
        value = "true"
      }
    }
  }
}
