# Amazon VPC: security groups, network ACLs, subnets, flow logs, endpoints, peering and transit gateways.
#
# Rules of security groups are blocks of aws_security_group, aws_security_group_rule (both directions, told apart by its
# attribute `type`) and aws_vpc_security_group_ingress_rule or …_egress_rule. Where Checkov differs on them it is mistaken: it
# passes a whole group as soon as one rule has self = true, passes aws_vpc_security_group_*_rule for all protocols because
# that has no ports, and takes rules whose source is another group, or that have no source at all, for open ones.

policy "aws-vpc-security-group-no-public-ssh" {
  title    = "No security group lets the internet reach SSH"
  severity = "high"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  checkov  = ["CKV_AWS_24"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.2", "5.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Servers whose SSH port is open are found within minutes and attacked from then on."
  fix = "Allow port 22 from known networks only, or use Session Manager and no port at all."

  condition = !opens(self.ingress, 22) && (self.type == "egress" || !opens(self, 22))
  message   = "SSH (port 22) is open to the internet"

  pass {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8"]
      }
      ingress {
        from_port        = 443
        to_port          = 443
        protocol         = "tcp"
        cidr_blocks      = ["0.0.0.0/0"]
        ipv6_cidr_blocks = ["::/0"]
      }
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      from_port         = 0
      to_port           = 65535
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.app.id
    }
    resource "aws_vpc_security_group_ingress_rule" "peer" {
      from_port                    = 22
      to_port                      = 22
      ip_protocol                  = "tcp"
      referenced_security_group_id = aws_security_group.app.id
      security_group_id            = aws_security_group.app.id
    }
  }
  fail {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 12
        to_port     = 32
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_security_group_rule" "app" {
      type              = "ingress"
      from_port         = 22
      to_port           = 22
      protocol          = "tcp"
      ipv6_cidr_blocks  = ["::/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_vpc_security_group_ingress_rule" "app" {
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "sources" {
      type = list(string)
    }
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = var.sources
      }
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_vpc_security_group_ingress_rule" "app" {
      from_port         = 22
      to_port           = 22
      ip_protocol       = "tcp"
      cidr_ipv4         = var.range
      security_group_id = "sg-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-security-group-no-public-rdp" {
  title    = "No security group lets the internet reach Remote Desktop"
  severity = "high"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  checkov  = ["CKV_AWS_25"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.2", "5.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Open Remote Desktop ports are the usual way in for ransomware."
  fix = "Allow port 3389 from known networks only, or use Fleet Manager or a VPN."

  condition = !opens(self.ingress, 3389) && (self.type == "egress" || !opens(self, 3389))
  message   = "Remote Desktop (port 3389) is open to the internet"

  pass {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 3389
        to_port     = 3389
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8"]
      }
      ingress {
        from_port        = 443
        to_port          = 443
        protocol         = "tcp"
        cidr_blocks      = ["0.0.0.0/0"]
        ipv6_cidr_blocks = ["::/0"]
      }
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      from_port         = 0
      to_port           = 65535
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.app.id
    }
    resource "aws_vpc_security_group_ingress_rule" "peer" {
      from_port                    = 3389
      to_port                      = 3389
      ip_protocol                  = "tcp"
      referenced_security_group_id = aws_security_group.app.id
      security_group_id            = aws_security_group.app.id
    }
  }
  fail {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 3379
        to_port     = 3399
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_security_group_rule" "app" {
      type              = "ingress"
      from_port         = 3389
      to_port           = 3389
      protocol          = "tcp"
      ipv6_cidr_blocks  = ["::/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_vpc_security_group_ingress_rule" "app" {
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "sources" {
      type = list(string)
    }
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 3389
        to_port     = 3389
        protocol    = "tcp"
        cidr_blocks = var.sources
      }
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_vpc_security_group_ingress_rule" "app" {
      from_port         = 3389
      to_port           = 3389
      ip_protocol       = "tcp"
      cidr_ipv4         = var.range
      security_group_id = "sg-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-security-group-no-public-http" {
  title    = "No security group lets the internet reach port 80"
  severity = "low"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  checkov  = ["CKV_AWS_260"]
  frameworks = {
    soc2        = ["CC6.7"]
    pci_dss     = ["4.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(e)(1)"]
    nist_800_53 = ["SC-8"]
  }
  why = "What is sent to port 80 is read and changed on the way."
  fix = "Serve port 443, and let only a load balancer that redirects listen on port 80."

  condition = !opens(self.ingress, 80) && (self.type == "egress" || !opens(self, 80))
  message   = "HTTP (port 80) is open to the internet"

  pass {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 80
        to_port     = 80
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8"]
      }
      ingress {
        from_port        = 443
        to_port          = 443
        protocol         = "tcp"
        cidr_blocks      = ["0.0.0.0/0"]
        ipv6_cidr_blocks = ["::/0"]
      }
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      from_port         = 0
      to_port           = 65535
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.app.id
    }
    resource "aws_vpc_security_group_ingress_rule" "peer" {
      from_port                    = 80
      to_port                      = 80
      ip_protocol                  = "tcp"
      referenced_security_group_id = aws_security_group.app.id
      security_group_id            = aws_security_group.app.id
    }
  }
  fail {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 70
        to_port     = 90
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_security_group_rule" "app" {
      type              = "ingress"
      from_port         = 80
      to_port           = 80
      protocol          = "tcp"
      ipv6_cidr_blocks  = ["::/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_vpc_security_group_ingress_rule" "app" {
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "sources" {
      type = list(string)
    }
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 80
        to_port     = 80
        protocol    = "tcp"
        cidr_blocks = var.sources
      }
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_vpc_security_group_ingress_rule" "app" {
      from_port         = 80
      to_port           = 80
      ip_protocol       = "tcp"
      cidr_ipv4         = var.range
      security_group_id = "sg-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-security-group-no-public-all-ports" {
  title    = "No security group lets the internet reach all ports"
  severity = "high"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  checkov  = ["CKV_AWS_277"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.2", "5.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Everything that ever listens on a member of the group is on the internet, databases and agents included."
  fix = "Allow only the ports that are served, and only from where they are used."

  # Unlike Checkov, this takes TCP or UDP from port 0 to 65535 for all ports, as it takes protocol -1.
  condition = !opens(self.ingress, -1) && (self.type == "egress" || !opens(self, -1))
  message   = "all ports are open to the internet"

  pass {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
      ingress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["10.0.0.0/8"]
      }
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      from_port         = 0
      to_port           = 0
      protocol          = "-1"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.app.id
    }
  }
  pass {
    resource "aws_security_group" "closed" {
      name = "closed"
    }
  }
  fail {
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
  fail {
    # self = true does not close it.
    resource "aws_security_group" "app" {
      ingress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        self        = true
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_vpc_security_group_ingress_rule" "app" {
      ip_protocol       = "-1"
      cidr_ipv6         = "::/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_security_group_rule" "app" {
      type              = "ingress"
      from_port         = 0
      to_port           = 0
      protocol          = var.protocol
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-security-group-no-public-databases" {
  title    = "No security group lets the internet reach databases"
  severity = "high"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "A database on the internet is one guessed password or one unpatched hole away from being copied."
  fix = "Allow the port from the security group of the application only."

  # SQL Server, Oracle, MySQL, PostgreSQL, Redshift, Redis, Cassandra, Elasticsearch, Memcached, MongoDB
  condition = !opens(self.ingress, [1433, 1521, 3306, 5432, 5439, 6379, 9042, 9200, 11211, 27017]) && (
    self.type == "egress" || !opens(self, [1433, 1521, 3306, 5432, 5439, 6379, 9042, 9200, 11211, 27017])
  )
  attribute = "ingress"
  message   = "a port of databases is open to the internet"

  pass {
    resource "aws_security_group" "db" {
      ingress {
        from_port       = 5432
        to_port         = 5432
        protocol        = "tcp"
        security_groups = ["sg-0123456789abcdef0"]
      }
    }
    resource "aws_security_group_rule" "out" {
      type              = "egress"
      from_port         = 5432
      to_port           = 5432
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.db.id
    }
  }
  fail {
    resource "aws_security_group" "db" {
      ingress {
        from_port   = 5432
        to_port     = 5432
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_vpc_security_group_ingress_rule" "cache" {
      from_port         = 6000
      to_port           = 7000
      ip_protocol       = "tcp"
      cidr_ipv6         = "::/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "port" {
      type = number
    }
    resource "aws_security_group_rule" "db" {
      type              = "ingress"
      from_port         = var.port
      to_port           = var.port
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-security-group-no-public-administration" {
  title    = "No security group lets the internet reach administration ports"
  severity = "high"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "These services hand over the machine, or its files, and were never made to face the internet."
  fix = "Allow the port from known networks only."

  # FTP, Telnet, RPC, NetBIOS, SMB, Docker, NFS, VNC, WinRM, kubelet
  condition = !opens(self.ingress, [21, 23, 135, 139, 445, 2375, 2049, 5900, 5985, 5986, 10250]) && (
    self.type == "egress" || !opens(self, [21, 23, 135, 139, 445, 2375, 2049, 5900, 5985, 5986, 10250])
  )
  attribute = "ingress"
  message   = "an administration port is open to the internet"

  pass {
    resource "aws_security_group" "files" {
      ingress {
        from_port   = 445
        to_port     = 445
        protocol    = "tcp"
        cidr_blocks = ["10.0.0.0/8"]
      }
    }
  }
  fail {
    resource "aws_security_group_rule" "docker" {
      type              = "ingress"
      from_port         = 2375
      to_port           = 2375
      protocol          = "tcp"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "sources" {
      type = list(string)
    }
    resource "aws_security_group" "files" {
      ingress {
        from_port   = 445
        to_port     = 445
        protocol    = "tcp"
        cidr_blocks = var.sources
      }
    }
  }
}

policy "aws-vpc-security-group-egress-limited" {
  title    = "Security groups do not let everything out"
  severity = "low"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_egress_rule"]
  checkov  = ["CKV_AWS_382"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.2"]
    iso27001    = ["A.8.20"]
    nist_800_53 = ["SC-7"]
  }
  why = "Whoever gets into a member of the group can fetch tools from anywhere and send data to anywhere."
  fix = "Allow the ports and networks that are needed, for example 443, prefix lists and VPC endpoints."

  # As with ingress, TCP or UDP from port 0 to 65535 counts as everything, unlike with Checkov.
  condition = !opens(self.egress, -1) && (self.type == "ingress" || !opens(self, -1))
  message   = "everything may go out to the internet"

  pass {
    resource "aws_security_group" "app" {
      egress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_security_group_rule" "in" {
      type              = "ingress"
      from_port         = 0
      to_port           = 0
      protocol          = "-1"
      cidr_blocks       = ["0.0.0.0/0"]
      security_group_id = aws_security_group.app.id
    }
  }
  fail {
    resource "aws_security_group" "app" {
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
  fail {
    resource "aws_vpc_security_group_egress_rule" "app" {
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_security_group_rule" "app" {
      type              = "egress"
      from_port         = 0
      to_port           = 0
      protocol          = "-1"
      ipv6_cidr_blocks  = ["::/0"]
      security_group_id = "sg-0123456789abcdef0"
    }
  }
  unknown {
    variable "targets" {
      type = list(string)
    }
    resource "aws_security_group" "app" {
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = var.targets
      }
    }
  }
}

policy "aws-vpc-security-group-described" {
  title    = "Security groups and their rules say what they are for"
  severity = "low"
  resource = ["aws_security_group", "aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"]
  checkov  = ["CKV_AWS_23"]
  frameworks = {
    pci_dss     = ["1.2.5"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-2"]
  }
  why = "Nobody dares to remove a rule that nobody can explain."
  fix = "Give the group and each of its rules a description."

  # "Managed by Terraform" is what the provider writes where a group has none.
  condition = alltrue([
    self.description != null && self.description != "" && self.description != "Managed by Terraform",
    alltrue([for rule in self.ingress : rule.description != null && rule.description != ""]),
    alltrue([for rule in self.egress : rule.description != null && rule.description != ""]),
  ])
  message = "the group, or one of its rules, has no description"

  pass {
    resource "aws_security_group" "app" {
      description = "Application servers"
      ingress {
        description = "HTTPS from everywhere"
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    resource "aws_vpc_security_group_egress_rule" "app" {
      description       = "AWS APIs"
      from_port         = 443
      to_port           = 443
      ip_protocol       = "tcp"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = aws_security_group.app.id
    }
  }
  fail {
    resource "aws_security_group" "app" {
      name = "app"
    }
  }
  fail {
    resource "aws_security_group" "app" {
      description = "Application servers"
      ingress {
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
  unknown {
    variable "description" {
      type = string
    }
    resource "aws_security_group" "app" {
      description = var.description
    }
  }
}

policy "aws-vpc-security-group-in-use" {
  title    = "Security groups are attached to something"
  severity = "low"
  resource = ["aws_security_group"]
  checkov  = ["CKV2_AWS_5"]
  frameworks = {
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-2"]
  }
  why = "A group that nothing uses is attached later by somebody who does not know its rules."
  fix = "Attach the group where it is needed, or remove it."

  # More types than Checkov knows, such as the resources that do nothing but attach a group.
  condition = exists(linked(
    self, "aws_alb", "aws_apigatewayv2_vpc_link", "aws_apprunner_vpc_connector", "aws_appstream_fleet",
    "aws_appstream_image_builder", "aws_batch_compute_environment", "aws_cloudwatch_event_target", "aws_codebuild_fleet",
    "aws_codebuild_project", "aws_codestarconnections_host", "aws_datasync_location_efs", "aws_dax_cluster", "aws_db_instance",
    "aws_db_proxy", "aws_dms_replication_config", "aws_dms_replication_instance", "aws_docdb_cluster", "aws_docdbelastic_cluster",
    "aws_ec2_client_vpn_endpoint", "aws_ec2_client_vpn_network_association", "aws_ec2_instance_connect_endpoint",
    "aws_ec2_spot_fleet_request", "aws_ecs_service", "aws_ecs_task_set", "aws_efs_mount_target", "aws_eks_cluster",
    "aws_eks_node_group", "aws_elasticache_cluster", "aws_elasticache_replication_group", "aws_elasticache_serverless_cache",
    "aws_elasticsearch_domain", "aws_elb", "aws_emr_cluster", "aws_emr_studio", "aws_emrserverless_application",
    "aws_fsx_file_cache", "aws_fsx_lustre_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system",
    "aws_fsx_windows_file_system", "aws_glue_connection", "aws_glue_dev_endpoint", "aws_grafana_workspace",
    "aws_imagebuilder_infrastructure_configuration", "aws_instance", "aws_kinesisanalyticsv2_application",
    "aws_lambda_function", "aws_launch_configuration", "aws_launch_template", "aws_lb", "aws_m2_environment",
    "aws_memorydb_cluster", "aws_mq_broker", "aws_msk_cluster", "aws_msk_replicator", "aws_msk_serverless_cluster",
    "aws_msk_vpc_connection", "aws_mskconnect_connector", "aws_mwaa_environment", "aws_neptune_cluster",
    "aws_network_interface", "aws_network_interface_sg_attachment", "aws_opensearch_domain", "aws_opensearch_vpc_endpoint",
    "aws_opensearchserverless_vpc_endpoint", "aws_pipes_pipe", "aws_quicksight_vpc_connection", "aws_rds_cluster",
    "aws_redshift_cluster", "aws_redshiftserverless_workgroup", "aws_route53_resolver_endpoint", "aws_sagemaker_domain",
    "aws_sagemaker_model", "aws_sagemaker_notebook_instance", "aws_scheduler_schedule", "aws_spot_instance_request",
    "aws_storagegateway_gateway", "aws_synthetics_canary", "aws_transfer_server", "aws_verifiedaccess_endpoint",
    "aws_vpc_endpoint", "aws_vpc_endpoint_security_group_association", "aws_vpclattice_resource_gateway",
    "aws_vpclattice_service_network_vpc_association"
  ))
  message = "nothing uses the group"

  pass {
    resource "aws_security_group" "app" {
      name = "app"
    }
    resource "aws_instance" "app" {
      ami                    = "ami-0123456789abcdef0"
      instance_type          = "t3.micro"
      vpc_security_group_ids = [aws_security_group.app.id]
    }
  }
  pass {
    resource "aws_security_group" "endpoint" {
      name = "endpoint"
    }
    resource "aws_vpc_endpoint_security_group_association" "endpoint" {
      vpc_endpoint_id   = "vpce-0123456789abcdef0"
      security_group_id = aws_security_group.endpoint.id
    }
  }
  fail {
    # A rule is no use.
    resource "aws_security_group" "spare" {
      name = "spare"
    }
    resource "aws_security_group_rule" "spare" {
      type              = "ingress"
      from_port         = 443
      to_port           = 443
      protocol          = "tcp"
      cidr_blocks       = ["10.0.0.0/8"]
      security_group_id = aws_security_group.spare.id
    }
  }
  unknown {
    variable "groups" {
      type = list(string)
    }
    resource "aws_security_group" "app" {
      name = "app"
    }
    resource "aws_instance" "app" {
      ami                    = "ami-0123456789abcdef0"
      instance_type          = "t3.micro"
      vpc_security_group_ids = var.groups
    }
  }
}

policy "aws-vpc-default-security-group-restricted" {
  title    = "Each VPC has its default security group emptied"
  severity = "medium"
  resource = ["aws_vpc"]
  checkov  = ["CKV2_AWS_12"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Whatever is started without a security group gets the default one, whose members all reach each other and everything outside."
  fix = "Add an aws_default_security_group for the VPC, without any ingress or egress."

  condition = anytrue([
    for group in linked(self, "aws_default_security_group") : alltrue([
      length(group.ingress) == 0,
      length(group.egress) == 0,
      !exists(linked(group, "aws_security_group_rule", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")),
    ])
  ])
  message = "the default security group of the VPC is not emptied"

  pass {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_default_security_group" "main" {
      vpc_id = aws_vpc.main.id
    }
  }
  fail {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
  }
  fail {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_default_security_group" "main" {
      vpc_id = aws_vpc.main.id
      ingress {
        from_port = 0
        to_port   = 0
        protocol  = "-1"
        self      = true
      }
    }
  }
  fail {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_default_security_group" "main" {
      vpc_id = aws_vpc.main.id
    }
    resource "aws_vpc_security_group_egress_rule" "main" {
      ip_protocol       = "-1"
      cidr_ipv4         = "0.0.0.0/0"
      security_group_id = aws_default_security_group.main.id
    }
  }
  unknown {
    variable "vpc" {
      type = string
    }
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_default_security_group" "some" {
      vpc_id = var.vpc
    }
  }
}

policy "aws-vpc-default-security-group-empty" {
  title    = "Default security groups have no rules"
  severity = "medium"
  resource = ["aws_default_security_group"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.4"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Whatever is started without a security group gets the default one and with it these rules."
  fix = "Remove all ingress and egress from the default security group and make groups of your own."

  condition = length(self.ingress) == 0 && length(self.egress) == 0
  message   = "the default security group has rules"

  pass {
    resource "aws_default_security_group" "main" {
      vpc_id = "vpc-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_default_security_group" "main" {
      vpc_id = "vpc-0123456789abcdef0"
      egress {
        from_port   = 0
        to_port     = 0
        protocol    = "-1"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
  }
}

policy "aws-vpc-not-default" {
  title    = "The default VPC is not taken over"
  severity = "low"
  resource = ["aws_default_vpc", "aws_vpc"]
  checkov  = ["CKV_AWS_148"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "Every subnet of a default VPC is public, and everything that is started without a thought ends up there."
  fix = "Remove the aws_default_vpc and make an aws_vpc with private subnets."

  condition = self.type != "aws_default_vpc"
  message   = "the default VPC is managed and used"

  pass {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
  }
  fail {
    resource "aws_default_vpc" "default" {
    }
  }
}

policy "aws-vpc-network-acl-no-public-ssh" {
  title    = "No network ACL lets the internet in to SSH"
  severity = "medium"
  resource = ["aws_network_acl", "aws_network_acl_rule"]
  checkov  = ["CKV_AWS_232"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.1"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "The ACL is the second line of defence for when a security group is opened too far."
  fix = "Allow port 22 from known networks only, or put a rule that denies it before the one that allows it."

  # Entries of an ACL are read in the order of their numbers: a denial of the same range that comes earlier wins.
  condition = alltrue([
    alltrue([
      for entry in self.ingress : entry.action != "allow" || !opens(entry, 22) || anytrue([
        for earlier in self.ingress : alltrue([
          earlier.action == "deny" && earlier.rule_no < entry.rule_no,
          earlier.cidr_block == entry.cidr_block && earlier.ipv6_cidr_block == entry.ipv6_cidr_block,
          earlier.protocol == "-1" || earlier.protocol == "all" || (earlier.from_port <= 22 && 22 <= earlier.to_port),
        ])
      ])
    ]),
    self.rule_action != "allow" || self.egress == true || !opens(self, 22),
  ])
  attribute = "ingress"
  message   = "the internet is let in to SSH (port 22)"

  pass {
    resource "aws_network_acl" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 200
        action     = "allow"
        protocol   = "tcp"
        from_port  = 1
        to_port    = 65535
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 100
        action     = "deny"
        protocol   = "tcp"
        from_port  = 22
        to_port    = 22
        cidr_block = "0.0.0.0/0"
      }
    }
    resource "aws_network_acl_rule" "inside" {
      network_acl_id = aws_network_acl.private.id
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 22
      to_port        = 22
      cidr_block     = "10.0.0.0/8"
    }
    resource "aws_network_acl_rule" "out" {
      network_acl_id = aws_network_acl.private.id
      egress         = true
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "0.0.0.0/0"
    }
  }
  fail {
    resource "aws_network_acl" "public" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 100
        action     = "allow"
        protocol   = "tcp"
        from_port  = 22
        to_port    = 22
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 200
        action     = "deny"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }
    }
  }
  fail {
    resource "aws_network_acl_rule" "public" {
      network_acl_id  = "acl-0123456789abcdef0"
      rule_number     = 100
      rule_action     = "allow"
      protocol        = "-1"
      ipv6_cidr_block = "::/0"
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_network_acl_rule" "asked" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 22
      to_port        = 22
      cidr_block     = var.range
    }
  }
}

policy "aws-vpc-network-acl-no-public-rdp" {
  title    = "No network ACL lets the internet in to Remote Desktop"
  severity = "medium"
  resource = ["aws_network_acl", "aws_network_acl_rule"]
  checkov  = ["CKV_AWS_231"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.1"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "The ACL is the second line of defence for when a security group is opened too far."
  fix = "Allow port 3389 from known networks only, or put a rule that denies it before the one that allows it."

  # Entries of an ACL are read in the order of their numbers: a denial of the same range that comes earlier wins.
  condition = alltrue([
    alltrue([
      for entry in self.ingress : entry.action != "allow" || !opens(entry, 3389) || anytrue([
        for earlier in self.ingress : alltrue([
          earlier.action == "deny" && earlier.rule_no < entry.rule_no,
          earlier.cidr_block == entry.cidr_block && earlier.ipv6_cidr_block == entry.ipv6_cidr_block,
          earlier.protocol == "-1" || earlier.protocol == "all" || (earlier.from_port <= 3389 && 3389 <= earlier.to_port),
        ])
      ])
    ]),
    self.rule_action != "allow" || self.egress == true || !opens(self, 3389),
  ])
  attribute = "ingress"
  message   = "the internet is let in to Remote Desktop (port 3389)"

  pass {
    resource "aws_network_acl" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 200
        action     = "allow"
        protocol   = "tcp"
        from_port  = 1
        to_port    = 65535
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 100
        action     = "deny"
        protocol   = "tcp"
        from_port  = 3389
        to_port    = 3389
        cidr_block = "0.0.0.0/0"
      }
    }
    resource "aws_network_acl_rule" "inside" {
      network_acl_id = aws_network_acl.private.id
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 3389
      to_port        = 3389
      cidr_block     = "10.0.0.0/8"
    }
    resource "aws_network_acl_rule" "out" {
      network_acl_id = aws_network_acl.private.id
      egress         = true
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "0.0.0.0/0"
    }
  }
  fail {
    resource "aws_network_acl" "public" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 100
        action     = "allow"
        protocol   = "tcp"
        from_port  = 3389
        to_port    = 3389
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 200
        action     = "deny"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }
    }
  }
  fail {
    resource "aws_network_acl_rule" "public" {
      network_acl_id  = "acl-0123456789abcdef0"
      rule_number     = 100
      rule_action     = "allow"
      protocol        = "-1"
      ipv6_cidr_block = "::/0"
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_network_acl_rule" "asked" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 3389
      to_port        = 3389
      cidr_block     = var.range
    }
  }
}

policy "aws-vpc-network-acl-no-public-ftp" {
  title    = "No network ACL lets the internet in to FTP"
  severity = "medium"
  resource = ["aws_network_acl", "aws_network_acl_rule"]
  checkov  = ["CKV_AWS_229"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "FTP sends passwords and files in plain text."
  fix = "Allow port 21 from known networks only, or put a rule that denies it before the one that allows it."

  # Entries of an ACL are read in the order of their numbers: a denial of the same range that comes earlier wins.
  condition = alltrue([
    alltrue([
      for entry in self.ingress : entry.action != "allow" || !opens(entry, 21) || anytrue([
        for earlier in self.ingress : alltrue([
          earlier.action == "deny" && earlier.rule_no < entry.rule_no,
          earlier.cidr_block == entry.cidr_block && earlier.ipv6_cidr_block == entry.ipv6_cidr_block,
          earlier.protocol == "-1" || earlier.protocol == "all" || (earlier.from_port <= 21 && 21 <= earlier.to_port),
        ])
      ])
    ]),
    self.rule_action != "allow" || self.egress == true || !opens(self, 21),
  ])
  attribute = "ingress"
  message   = "the internet is let in to FTP (port 21)"

  pass {
    resource "aws_network_acl" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 200
        action     = "allow"
        protocol   = "tcp"
        from_port  = 1
        to_port    = 65535
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 100
        action     = "deny"
        protocol   = "tcp"
        from_port  = 21
        to_port    = 21
        cidr_block = "0.0.0.0/0"
      }
    }
    resource "aws_network_acl_rule" "inside" {
      network_acl_id = aws_network_acl.private.id
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 21
      to_port        = 21
      cidr_block     = "10.0.0.0/8"
    }
    resource "aws_network_acl_rule" "out" {
      network_acl_id = aws_network_acl.private.id
      egress         = true
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "0.0.0.0/0"
    }
  }
  fail {
    resource "aws_network_acl" "public" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 100
        action     = "allow"
        protocol   = "tcp"
        from_port  = 21
        to_port    = 21
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 200
        action     = "deny"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }
    }
  }
  fail {
    resource "aws_network_acl_rule" "public" {
      network_acl_id  = "acl-0123456789abcdef0"
      rule_number     = 100
      rule_action     = "allow"
      protocol        = "-1"
      ipv6_cidr_block = "::/0"
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_network_acl_rule" "asked" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 21
      to_port        = 21
      cidr_block     = var.range
    }
  }
}

policy "aws-vpc-network-acl-no-public-ftp-data" {
  title    = "No network ACL lets the internet in to FTP data"
  severity = "medium"
  resource = ["aws_network_acl", "aws_network_acl_rule"]
  checkov  = ["CKV_AWS_230"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "FTP sends files in plain text."
  fix = "Allow port 20 from known networks only, or put a rule that denies it before the one that allows it."

  # Entries of an ACL are read in the order of their numbers: a denial of the same range that comes earlier wins.
  condition = alltrue([
    alltrue([
      for entry in self.ingress : entry.action != "allow" || !opens(entry, 20) || anytrue([
        for earlier in self.ingress : alltrue([
          earlier.action == "deny" && earlier.rule_no < entry.rule_no,
          earlier.cidr_block == entry.cidr_block && earlier.ipv6_cidr_block == entry.ipv6_cidr_block,
          earlier.protocol == "-1" || earlier.protocol == "all" || (earlier.from_port <= 20 && 20 <= earlier.to_port),
        ])
      ])
    ]),
    self.rule_action != "allow" || self.egress == true || !opens(self, 20),
  ])
  attribute = "ingress"
  message   = "the internet is let in to FTP data (port 20)"

  pass {
    resource "aws_network_acl" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 200
        action     = "allow"
        protocol   = "tcp"
        from_port  = 1
        to_port    = 65535
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 100
        action     = "deny"
        protocol   = "tcp"
        from_port  = 20
        to_port    = 20
        cidr_block = "0.0.0.0/0"
      }
    }
    resource "aws_network_acl_rule" "inside" {
      network_acl_id = aws_network_acl.private.id
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 20
      to_port        = 20
      cidr_block     = "10.0.0.0/8"
    }
    resource "aws_network_acl_rule" "out" {
      network_acl_id = aws_network_acl.private.id
      egress         = true
      rule_number    = 300
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "0.0.0.0/0"
    }
  }
  fail {
    resource "aws_network_acl" "public" {
      vpc_id = "vpc-0123456789abcdef0"
      ingress {
        rule_no    = 100
        action     = "allow"
        protocol   = "tcp"
        from_port  = 20
        to_port    = 20
        cidr_block = "0.0.0.0/0"
      }
      ingress {
        rule_no    = 200
        action     = "deny"
        protocol   = "-1"
        from_port  = 0
        to_port    = 0
        cidr_block = "0.0.0.0/0"
      }
    }
  }
  fail {
    resource "aws_network_acl_rule" "public" {
      network_acl_id  = "acl-0123456789abcdef0"
      rule_number     = 100
      rule_action     = "allow"
      protocol        = "-1"
      ipv6_cidr_block = "::/0"
    }
  }
  unknown {
    variable "range" {
      type = string
    }
    resource "aws_network_acl_rule" "asked" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 20
      to_port        = 20
      cidr_block     = var.range
    }
  }
}

policy "aws-vpc-network-acl-not-all-ports" {
  title    = "Network ACL rules do not let in all ports"
  severity = "low"
  resource = ["aws_network_acl_rule"]
  checkov  = ["CKV_AWS_352"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "A rule for all ports leaves everything to the security groups."
  fix = "Set from_port and to_port to what the subnet serves."

  # Checkov fails each rule that has no from_port or starts at 0, denials, ICMP and small ranges included.
  condition = anytrue([
    self.egress == true,
    self.rule_action != "allow",
    self.protocol != "-1" && self.protocol != "all" && !(self.from_port <= 0 && self.to_port >= 65535),
  ])
  attribute = "from_port"
  message   = "the rule lets in all ports"

  pass {
    resource "aws_network_acl_rule" "https" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 443
      to_port        = 443
      cidr_block     = "0.0.0.0/0"
    }
    resource "aws_network_acl_rule" "deny" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 200
      rule_action    = "deny"
      protocol       = "-1"
      cidr_block     = "192.0.2.0/24"
    }
  }
  fail {
    resource "aws_network_acl_rule" "all" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "-1"
      cidr_block     = "10.0.0.0/8"
    }
  }
  fail {
    resource "aws_network_acl_rule" "all" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = "tcp"
      from_port      = 0
      to_port        = 65535
      cidr_block     = "10.0.0.0/8"
    }
  }
  unknown {
    variable "protocol" {
      type = string
    }
    resource "aws_network_acl_rule" "asked" {
      network_acl_id = "acl-0123456789abcdef0"
      rule_number    = 100
      rule_action    = "allow"
      protocol       = var.protocol
      cidr_block     = "10.0.0.0/8"
    }
  }
}

policy "aws-vpc-network-acl-in-use" {
  title    = "Network ACLs belong to subnets"
  severity = "low"
  resource = ["aws_network_acl"]
  checkov  = ["CKV2_AWS_1"]
  frameworks = {
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-2"]
  }
  why = "An ACL without a subnet protects nothing, and looks as if it did."
  fix = "Name the subnets in subnet_ids, or add an aws_network_acl_association."

  condition = length(self.subnet_ids) > 0 || exists(linked(self, "aws_subnet", "aws_network_acl_association"))
  message   = "no subnet uses the ACL"

  pass {
    resource "aws_subnet" "private" {
      vpc_id     = "vpc-0123456789abcdef0"
      cidr_block = "10.0.1.0/24"
    }
    resource "aws_network_acl" "private" {
      vpc_id     = "vpc-0123456789abcdef0"
      subnet_ids = [aws_subnet.private.id]
    }
  }
  pass {
    resource "aws_network_acl" "private" {
      vpc_id = "vpc-0123456789abcdef0"
    }
    resource "aws_network_acl_association" "private" {
      network_acl_id = aws_network_acl.private.id
      subnet_id      = "subnet-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_network_acl" "spare" {
      vpc_id = "vpc-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-subnet-no-public-ip" {
  title    = "Subnets give out no public addresses by themselves"
  severity = "medium"
  resource = ["aws_subnet"]
  checkov  = ["CKV_AWS_130"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Everything that is started in the subnet is on the internet, whether somebody meant it or not."
  fix = "Leave map_public_ip_on_launch out, and give addresses to what needs them."

  condition = self.map_public_ip_on_launch != true

  pass {
    resource "aws_subnet" "private" {
      vpc_id     = "vpc-0123456789abcdef0"
      cidr_block = "10.0.1.0/24"
    }
  }
  fail {
    resource "aws_subnet" "public" {
      vpc_id                  = "vpc-0123456789abcdef0"
      cidr_block              = "10.0.1.0/24"
      map_public_ip_on_launch = true
    }
  }
  unknown {
    variable "public" {
      type = bool
    }
    resource "aws_subnet" "asked" {
      vpc_id                  = "vpc-0123456789abcdef0"
      cidr_block              = "10.0.1.0/24"
      map_public_ip_on_launch = var.public
    }
  }
}

policy "aws-vpc-flow-logs" {
  title    = "Each VPC has a flow log"
  severity = "medium"
  resource = ["aws_vpc"]
  checkov  = ["CKV2_AWS_11"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.7"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Without it nobody can say afterwards who talked to whom."
  fix = "Add an aws_flow_log with the vpc_id."

  condition = exists(linked(self, "aws_flow_log"))
  message   = "no flow log"

  pass {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_flow_log" "main" {
      vpc_id               = aws_vpc.main.id
      traffic_type         = "ALL"
      log_destination_type = "s3"
      log_destination      = "arn:aws:s3:::example-flow-logs"
    }
  }
  fail {
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
  }
  fail {
    # That is another one's.
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_vpc" "other" {
      cidr_block = "10.1.0.0/16"
    }
    resource "aws_flow_log" "other" {
      vpc_id               = aws_vpc.other.id
      traffic_type         = "ALL"
      log_destination_type = "s3"
      log_destination      = "arn:aws:s3:::example-flow-logs"
    }
  }
  unknown {
    variable "vpc" {
      type = string
    }
    resource "aws_vpc" "main" {
      cidr_block = "10.0.0.0/16"
    }
    resource "aws_flow_log" "some" {
      vpc_id               = var.vpc
      traffic_type         = "ALL"
      log_destination_type = "s3"
      log_destination      = "arn:aws:s3:::example-flow-logs"
    }
  }
}

policy "aws-vpc-flow-logs-rejected-too" {
  title    = "Flow logs record refused traffic"
  severity = "low"
  resource = ["aws_flow_log"]
  frameworks = {
    soc2        = ["CC7.2"]
    pci_dss     = ["10.2.1"]
    iso27001    = ["A.8.15"]
    cis_aws     = ["3.7"]
    hipaa       = ["164.312(b)"]
    nist_800_53 = ["AU-2", "AU-12"]
  }
  why = "Scans and failed attempts are what shows that somebody is trying."
  fix = "Set traffic_type = \"ALL\" (or \"REJECT\")."

  # Transit gateways have no traffic type.
  when      = self.transit_gateway_id == null && self.transit_gateway_attachment_id == null
  condition = self.traffic_type == "ALL" || self.traffic_type == "REJECT"

  pass {
    resource "aws_flow_log" "main" {
      vpc_id               = "vpc-0123456789abcdef0"
      traffic_type         = "ALL"
      log_destination_type = "s3"
      log_destination      = "arn:aws:s3:::example-flow-logs"
    }
  }
  fail {
    resource "aws_flow_log" "main" {
      vpc_id               = "vpc-0123456789abcdef0"
      traffic_type         = "ACCEPT"
      log_destination_type = "s3"
      log_destination      = "arn:aws:s3:::example-flow-logs"
    }
  }
}

policy "aws-vpc-endpoint-service-acceptance" {
  title    = "Endpoint services accept connections by hand"
  severity = "medium"
  resource = ["aws_vpc_endpoint_service"]
  checkov  = ["CKV_AWS_123"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Otherwise every account that is allowed to connect, or everyone, is connected without being looked at."
  fix = "Set acceptance_required = true."

  condition = self.acceptance_required == true

  pass {
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required        = true
      network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/api/0123456789abcdef"]
    }
  }
  fail {
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required        = false
      network_load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/api/0123456789abcdef"]
    }
  }
  unknown {
    variable "acceptance" {
      type = bool
    }
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required = var.acceptance
    }
  }
}

policy "aws-vpc-endpoint-service-not-for-everyone" {
  title    = "Endpoint services name who may connect"
  severity = "high"
  resource = ["aws_vpc_endpoint_service"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "With * every AWS account can ask for a connection into your network."
  fix = "List accounts, roles or users in allowed_principals."

  condition = alltrue([for principal in self.allowed_principals : principal != "*"])
  message   = "everyone may connect"

  pass {
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required = true
      allowed_principals  = ["arn:aws:iam::111122223333:root"]
    }
    resource "aws_vpc_endpoint_service" "own" {
      acceptance_required = true
    }
  }
  fail {
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required = true
      allowed_principals  = ["arn:aws:iam::111122223333:root", "*"]
    }
  }
  unknown {
    variable "partner" {
      type = string
    }
    resource "aws_vpc_endpoint_service" "api" {
      acceptance_required = true
      allowed_principals  = [var.partner]
    }
  }
}

policy "aws-vpc-endpoint-policy-narrow" {
  title    = "Policies of VPC endpoints allow less than everything"
  severity = "low"
  resource = ["aws_vpc_endpoint"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Through an endpoint that allows everything data leaves for buckets and queues of other accounts, past every firewall."
  fix = "Limit the policy to the actions and resources that are used, or to your organization by aws:ResourceOrgID."

  when = self.policy != null
  condition = !anytrue([
    for s in iam(self.policy) : alltrue([
      s.effect == "Allow",
      contains(s.principals, "*"),
      contains(s.actions, "*"),
      contains(s.resources, "*"),
      length(s.conditions) == 0,
    ])
  ])
  message = "everyone may do everything through the endpoint"

  pass {
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-west-1.s3"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "*"
          Resource  = "*"
          Condition = { StringEquals = { "aws:ResourceOrgID" = "o-123example" } }
        }]
      })
    }
  }
  fail {
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-west-1.s3"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "*" }
          Action    = ["*"]
          Resource  = ["*"]
        }]
      })
    }
  }
  unknown {
    variable "bucket" {
      type = string
    }
    resource "aws_vpc_endpoint" "s3" {
      vpc_id       = "vpc-0123456789abcdef0"
      service_name = "com.amazonaws.eu-west-1.s3"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = "*"
          Action    = "*"
          Resource  = var.bucket
        }]
      })
    }
  }
}

policy "aws-vpc-peering-routes-narrow" {
  title    = "Routes to a peered VPC are not for everything"
  severity = "medium"
  resource = ["aws_route_table", "aws_route"]
  checkov  = ["CKV2_AWS_44"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    cis_aws     = ["5.5"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Such a route hands everything, wherever it is meant for, to the other network."
  fix = "Route only the address range of the peered VPC, or the part of it that is needed."

  # Checkov fails a table in which one route goes to a peer and a different one, say to a NAT gateway, is for everything.
  condition = alltrue([
    alltrue([
      for route in self.route : anytrue([
        route.vpc_peering_connection_id == null || route.vpc_peering_connection_id == "",
        route.cidr_block != "0.0.0.0/0" && route.ipv6_cidr_block != "::/0",
      ])
    ]),
    anytrue([
      self.vpc_peering_connection_id == null || self.vpc_peering_connection_id == "",
      self.destination_cidr_block != "0.0.0.0/0" && self.destination_ipv6_cidr_block != "::/0",
    ]),
  ])
  message = "everything is routed to a peered VPC"

  pass {
    resource "aws_route_table" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      route {
        cidr_block                = "10.1.0.0/16"
        vpc_peering_connection_id = "pcx-0123456789abcdef0"
      }
      route {
        cidr_block     = "0.0.0.0/0"
        nat_gateway_id = "nat-0123456789abcdef0"
      }
    }
    resource "aws_route" "peer" {
      route_table_id            = aws_route_table.private.id
      destination_cidr_block    = "10.2.0.0/16"
      vpc_peering_connection_id = "pcx-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_route_table" "private" {
      vpc_id = "vpc-0123456789abcdef0"
      route {
        cidr_block                = "0.0.0.0/0"
        vpc_peering_connection_id = "pcx-0123456789abcdef0"
      }
    }
  }
  fail {
    resource "aws_route" "peer" {
      route_table_id              = "rtb-0123456789abcdef0"
      destination_ipv6_cidr_block = "::/0"
      vpc_peering_connection_id   = "pcx-0123456789abcdef0"
    }
  }
  unknown {
    variable "peer_range" {
      type = string
    }
    resource "aws_route" "peer" {
      route_table_id            = "rtb-0123456789abcdef0"
      destination_cidr_block    = var.peer_range
      vpc_peering_connection_id = "pcx-0123456789abcdef0"
    }
  }
}

policy "aws-vpc-peering-accepter-by-hand" {
  title    = "Peering with other accounts is accepted by a person"
  severity = "low"
  resource = ["aws_vpc_peering_connection_accepter"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Where the id of the request comes from elsewhere, whoever sends it is connected without being looked at."
  fix = "Remove auto_accept, and accept the request once its owner is checked; or let the same root make the request."

  # A request that the same root makes is known.
  condition = self.auto_accept != true || exists(linked(self, "aws_vpc_peering_connection"))

  pass {
    resource "aws_vpc_peering_connection" "peer" {
      vpc_id      = "vpc-0123456789abcdef0"
      peer_vpc_id = "vpc-0fedcba9876543210"
      peer_region = "eu-central-1"
    }
    resource "aws_vpc_peering_connection_accepter" "peer" {
      vpc_peering_connection_id = aws_vpc_peering_connection.peer.id
      auto_accept               = true
    }
  }
  fail {
    resource "aws_vpc_peering_connection_accepter" "peer" {
      vpc_peering_connection_id = "pcx-0123456789abcdef0"
      auto_accept               = true
    }
  }
}

policy "aws-vpc-transit-gateway-no-auto-accept" {
  title    = "Transit gateways do not accept attachments by themselves"
  severity = "medium"
  resource = ["aws_ec2_transit_gateway"]
  checkov  = ["CKV_AWS_331"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Each account with which the gateway is shared can connect its network to all the others."
  fix = "Set auto_accept_shared_attachments = \"disable\", which is the default."

  condition = self.auto_accept_shared_attachments != "enable"

  pass {
    resource "aws_ec2_transit_gateway" "core" {
      auto_accept_shared_attachments = "disable"
    }
    resource "aws_ec2_transit_gateway" "unset" {
    }
  }
  fail {
    resource "aws_ec2_transit_gateway" "core" {
      auto_accept_shared_attachments = "enable"
    }
  }
  unknown {
    variable "accept" {
      type = string
    }
    resource "aws_ec2_transit_gateway" "core" {
      auto_accept_shared_attachments = var.accept
    }
  }
}
