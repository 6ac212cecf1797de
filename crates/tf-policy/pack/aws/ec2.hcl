# Amazon EC2: instances and what launches them, EBS volumes and snapshots, machine images, addresses.

policy "aws-ec2-imdsv2-required" {
  title    = "Instance metadata is served to session tokens only"
  severity = "high"
  resource = ["aws_instance", "aws_launch_template", "aws_launch_configuration"]
  checkov  = ["CKV_AWS_79"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    cis_aws     = ["5.6"]
    nist_800_53 = ["CM-6"]
  }
  why = "Without tokens one forged request of an application on the instance is enough to read the credentials of its role."
  fix = "Set http_tokens = \"required\" in metadata_options, or http_endpoint = \"disabled\" where nothing uses metadata."

  # Checkov does not look at the launch template from which an instance without options of its own takes them.
  condition = anytrue([
    self.metadata_options.http_endpoint == "disabled",
    self.metadata_options.http_tokens == "required",
    self.metadata_options.http_tokens == null && anytrue([
      for t in linked(self, "aws_launch_template") : t.metadata_options.http_endpoint == "disabled" || t.metadata_options.http_tokens == "required"
    ]),
  ])
  attribute = "metadata_options.http_tokens"
  message   = "metadata is also served to requests without a token"

  pass {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      metadata_options {
        http_tokens = "required"
      }
    }
    resource "aws_launch_template" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      metadata_options {
        http_endpoint = "disabled"
      }
    }
    resource "aws_launch_configuration" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      metadata_options {
        http_endpoint = "enabled"
        http_tokens   = "required"
      }
    }
  }
  pass {
    # The options come from the template.
    resource "aws_launch_template" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      metadata_options {
        http_tokens = "required"
      }
    }
    resource "aws_instance" "web" {
      launch_template {
        id      = aws_launch_template.web.id
        version = "$Latest"
      }
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  fail {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      metadata_options {
        http_tokens = "optional"
      }
    }
  }
  unknown {
    variable "tokens" {
      type = string
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      metadata_options {
        http_tokens = var.tokens
      }
    }
  }
}

policy "aws-ec2-metadata-hop-limit" {
  title    = "Instance metadata does not travel beyond the instance"
  severity = "medium"
  resource = ["aws_launch_template", "aws_launch_configuration"]
  checkov  = ["CKV_AWS_341"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "With more than one hop containers and proxies on the instance get answers too, and with them the role of the instance."
  fix = "Set http_put_response_hop_limit = 1 in metadata_options, or leave it out."

  condition = self.metadata_options.http_put_response_hop_limit == null || self.metadata_options.http_put_response_hop_limit == 1

  pass {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      metadata_options {
        http_tokens                 = "required"
        http_put_response_hop_limit = 1
      }
    }
    resource "aws_launch_configuration" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  fail {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      metadata_options {
        http_tokens                 = "required"
        http_put_response_hop_limit = 2
      }
    }
  }
  unknown {
    variable "hops" {
      type = number
    }
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      metadata_options {
        http_put_response_hop_limit = var.hops
      }
    }
  }
}

policy "aws-ec2-no-public-ip" {
  title    = "Instances and launch templates ask for no public address"
  severity = "high"
  resource = ["aws_instance", "aws_launch_template"]
  checkov  = ["CKV_AWS_88"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "An instance with a public address can be reached by everyone as soon as a security group is opened too far."
  fix = "Remove associate_public_ip_address, or set it to false, and let a load balancer or a NAT gateway do the talking."

  # Checkov looks at the first network interface of a launch template only.
  condition = self.associate_public_ip_address != true && alltrue([
    for interface in self.network_interfaces : interface.associate_public_ip_address != true
  ])
  message = "a public address is asked for"

  pass {
    resource "aws_instance" "web" {
      ami                         = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = false
    }
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      network_interfaces {
        associate_public_ip_address = false
      }
    }
    resource "aws_launch_template" "unset" {
      image_id = "ami-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami                         = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = true
    }
  }
  fail {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      network_interfaces {
        device_index = 0
      }
      network_interfaces {
        device_index                = 1
        associate_public_ip_address = "true"
      }
    }
  }
  unknown {
    variable "public" {
      type = bool
    }
    resource "aws_instance" "web" {
      ami                         = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = var.public
    }
  }
}

policy "aws-ec2-launch-configuration-no-public-ip" {
  title    = "Launch configurations ask for no public address"
  severity = "high"
  resource = ["aws_launch_configuration"]
  checkov  = ["CKV_AWS_389"]
  frameworks = {
    soc2        = ["CC6.6"]
    pci_dss     = ["1.3.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.20", "A.8.22"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["SC-7"]
  }
  why = "Every instance that the Auto Scaling group starts is then on the internet."
  fix = "Set associate_public_ip_address = false and put a load balancer in front of the group."

  condition = self.associate_public_ip_address != true

  pass {
    resource "aws_launch_configuration" "web" {
      image_id                    = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = false
    }
  }
  fail {
    resource "aws_launch_configuration" "web" {
      image_id                    = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = true
    }
  }
  unknown {
    variable "public" {
      type = bool
    }
    resource "aws_launch_configuration" "web" {
      image_id                    = "ami-0123456789abcdef0"
      instance_type               = "t3.micro"
      associate_public_ip_address = var.public
    }
  }
}

policy "aws-ec2-instance-volumes-encrypted" {
  title    = "Volumes of instances and launch configurations are encrypted"
  severity = "high"
  resource = ["aws_instance", "aws_launch_configuration"]
  checkov  = ["CKV_AWS_8"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Whoever gets a snapshot or the disk of an unencrypted volume reads everything on it."
  fix = "Give root_block_device and each ebs_block_device encrypted = true. Existing instances are replaced."

  # Checkov has no verdict where a block leaves encrypted out; the default is false, so that is a failure here.
  # A volume made from a snapshot is as encrypted as the snapshot.
  condition = length(self.root_block_device) > 0 && self.root_block_device.encrypted == true && alltrue([
    for disk in self.ebs_block_device : disk.encrypted == true || disk.snapshot_id != null
  ])
  message = "not every volume is encrypted"

  pass {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      root_block_device {
        encrypted = true
      }
      ebs_block_device {
        device_name = "/dev/sdf"
        encrypted   = true
        volume_size = 20
      }
      ebs_block_device {
        device_name = "/dev/sdg"
        snapshot_id = "snap-0123456789abcdef0"
      }
    }
    resource "aws_launch_configuration" "web" {
      image_id      = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      root_block_device {
        encrypted = true
      }
    }
  }
  fail {
    # Without the block the root volume is not encrypted.
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      root_block_device {
        encrypted = true
      }
      ebs_block_device {
        device_name = "/dev/sdf"
        encrypted   = false
      }
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      root_block_device {
        encrypted = var.encrypt
      }
    }
  }
}

policy "aws-ec2-launch-template-volumes-encrypted" {
  title    = "Volumes in launch templates are encrypted"
  severity = "high"
  resource = ["aws_launch_template"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Every instance started from the template writes its data in plain text to disk and snapshots."
  fix = "Set encrypted = true in the ebs block of each block_device_mappings."

  when = length(flatten(self.block_device_mappings[*].ebs)) > 0
  condition = alltrue([
    for mapping in self.block_device_mappings : length(mapping.ebs) == 0 || mapping.ebs.encrypted == true || mapping.ebs.snapshot_id != null
  ])
  message = "a volume is neither encrypted nor made from a snapshot"

  pass {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      block_device_mappings {
        device_name = "/dev/xvda"
        ebs {
          volume_size = 20
          encrypted   = "true"
        }
      }
      block_device_mappings {
        device_name = "/dev/sdb"
        no_device   = "true"
      }
    }
  }
  fail {
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      block_device_mappings {
        device_name = "/dev/xvda"
        ebs {
          volume_size = 20
        }
      }
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_launch_template" "web" {
      image_id = "ami-0123456789abcdef0"
      block_device_mappings {
        device_name = "/dev/xvda"
        ebs {
          encrypted = var.encrypt
        }
      }
    }
  }
}

policy "aws-ec2-ebs-volume-encrypted" {
  title    = "EBS volumes are encrypted"
  severity = "high"
  resource = ["aws_ebs_volume"]
  checkov  = ["CKV_AWS_3"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Whoever gets at the disk or at a snapshot of it reads the data."
  fix = "Set encrypted = true. An existing volume is replaced: copy it through an encrypted snapshot."

  condition = self.encrypted == true

  pass {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
    }
  }
  fail {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = var.encrypt
    }
  }
}

policy "aws-ec2-ebs-attached-volume-encrypted" {
  title    = "Only encrypted EBS volumes are attached to instances"
  severity = "high"
  resource = ["aws_ebs_volume"]
  checkov  = ["CKV2_AWS_2"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "What the instance writes to an unencrypted volume lies in plain text on disk and in each snapshot."
  fix = "Set encrypted = true on the volume that the aws_volume_attachment names."

  condition = self.encrypted == true || !exists(linked(self, "aws_volume_attachment"))
  message   = "an unencrypted volume is attached"

  pass {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
    }
    resource "aws_volume_attachment" "data" {
      device_name = "/dev/sdf"
      instance_id = "i-0123456789abcdef0"
      volume_id   = aws_ebs_volume.data.id
    }
  }
  pass {
    resource "aws_ebs_volume" "spare" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
  }
  fail {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
    resource "aws_volume_attachment" "data" {
      device_name = "/dev/sdf"
      instance_id = "i-0123456789abcdef0"
      volume_id   = aws_ebs_volume.data.id
    }
  }
  unknown {
    variable "volume" {
      type = string
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
    resource "aws_volume_attachment" "some" {
      device_name = "/dev/sdf"
      instance_id = "i-0123456789abcdef0"
      volume_id   = var.volume
    }
  }
}

policy "aws-ec2-ebs-volume-customer-key" {
  title    = "EBS volumes are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_ebs_volume"]
  checkov  = ["CKV_AWS_189"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "Who may use the key of AWS cannot be restricted, and it cannot be withdrawn or shared with another account."
  fix = "Set kms_key_id to the ARN of an aws_kms_key."

  condition = (self.kms_key_id != null && self.kms_key_id != "") || exists(linked(self, "aws_kms_key", "aws_kms_alias"))

  pass {
    resource "aws_kms_key" "disk" {
      enable_key_rotation = true
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
      kms_key_id        = aws_kms_key.disk.arn
    }
  }
  pass {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
      kms_key_id        = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  }
  fail {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
    }
  }
  unknown {
    variable "key" {
      type = string
    }
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
      encrypted         = true
      kms_key_id        = var.key
    }
  }
}

policy "aws-ec2-ebs-volume-backup" {
  title    = "EBS volumes are in a backup plan"
  severity = "low"
  resource = ["aws_ebs_volume"]
  checkov  = ["CKV2_AWS_9"]
  frameworks = {
    soc2        = ["A1.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.13"]
    hipaa       = ["164.308(a)(7)(ii)(A)"]
    nist_800_53 = ["CP-9"]
  }
  why = "What is on no backup plan is gone when the volume is."
  fix = "Name the volume in the resources of an aws_backup_selection."

  condition = exists(linked(self, "aws_backup_selection"))
  message   = "no backup selection names the volume"

  pass {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
    resource "aws_backup_selection" "disks" {
      iam_role_arn = "arn:aws:iam::111122223333:role/backup"
      name         = "disks"
      plan_id      = "1a2b3c4d-1234-5678-9abc-1a2b3c4d5e6f"
      resources    = [aws_ebs_volume.data.arn]
    }
  }
  fail {
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 40
    }
  }
}

policy "aws-ec2-ebs-encryption-by-default" {
  title    = "EBS encryption by default stays on"
  severity = "high"
  resource = ["aws_ebs_encryption_by_default"]
  checkov  = ["CKV_AWS_106"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Volumes that nobody thought about, such as those of managed services, are then written in plain text."
  fix = "Set enabled = true, which is the default too."

  condition = self.enabled == null || self.enabled == true

  pass {
    resource "aws_ebs_encryption_by_default" "region" {
      enabled = true
    }
    resource "aws_ebs_encryption_by_default" "unset" {
    }
  }
  fail {
    resource "aws_ebs_encryption_by_default" "region" {
      enabled = false
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_ebs_encryption_by_default" "region" {
      enabled = var.encrypt
    }
  }
}

policy "aws-ec2-snapshot-copy-encrypted" {
  title    = "Copies of EBS snapshots are encrypted"
  severity = "high"
  resource = ["aws_ebs_snapshot_copy"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    cis_aws     = ["2.2.1"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "A plain copy can be shared with any account, and whoever has it reads the disk."
  fix = "Set encrypted = true."

  condition = self.encrypted == true || self.kms_key_id != null

  pass {
    resource "aws_ebs_snapshot_copy" "dr" {
      source_snapshot_id = "snap-0123456789abcdef0"
      source_region      = "eu-west-1"
      encrypted          = true
    }
  }
  fail {
    resource "aws_ebs_snapshot_copy" "dr" {
      source_snapshot_id = "snap-0123456789abcdef0"
      source_region      = "eu-west-1"
    }
  }
}

policy "aws-ec2-snapshot-copy-customer-key" {
  title    = "Copies of EBS snapshots are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_ebs_snapshot_copy"]
  checkov  = ["CKV_AWS_183"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "A copy under the key of AWS cannot be shared, and access to it cannot be withdrawn through the key."
  fix = "Set encrypted = true and kms_key_id to the ARN of a key in the region of the copy."

  condition = (self.kms_key_id != null && self.kms_key_id != "") || exists(linked(self, "aws_kms_key", "aws_kms_alias"))

  pass {
    resource "aws_kms_key" "dr" {
      enable_key_rotation = true
    }
    resource "aws_ebs_snapshot_copy" "dr" {
      source_snapshot_id = "snap-0123456789abcdef0"
      source_region      = "eu-west-1"
      encrypted          = true
      kms_key_id         = aws_kms_key.dr.arn
    }
  }
  fail {
    resource "aws_ebs_snapshot_copy" "dr" {
      source_snapshot_id = "snap-0123456789abcdef0"
      source_region      = "eu-west-1"
      encrypted          = true
    }
  }
}

policy "aws-ec2-snapshots-not-public" {
  title    = "The account blocks public EBS snapshots"
  severity = "high"
  resource = ["aws_ebs_snapshot_block_public_access"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "A public snapshot gives the whole disk to everyone who has an AWS account."
  fix = "Set state = \"block-all-sharing\"."

  condition = self.state == "block-all-sharing"

  pass {
    resource "aws_ebs_snapshot_block_public_access" "region" {
      state = "block-all-sharing"
    }
  }
  fail {
    resource "aws_ebs_snapshot_block_public_access" "region" {
      state = "unblocked"
    }
  }
  unknown {
    variable "state" {
      type = string
    }
    resource "aws_ebs_snapshot_block_public_access" "region" {
      state = var.state
    }
  }
}

policy "aws-ec2-ami-encrypted" {
  title    = "Disks of machine images are encrypted"
  severity = "high"
  resource = ["aws_ami"]
  checkov  = ["CKV_AWS_204"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "Every instance of the image starts from a plain copy of its disks."
  fix = "Set encrypted = true in each ebs_block_device, or build it from an encrypted snapshot."

  condition = alltrue([for disk in self.ebs_block_device : disk.encrypted == true || disk.snapshot_id != null])
  message   = "a disk is neither encrypted nor made from a snapshot"

  pass {
    resource "aws_ami" "base" {
      name             = "base"
      root_device_name = "/dev/xvda"
      ebs_block_device {
        device_name = "/dev/xvda"
        snapshot_id = "snap-0123456789abcdef0"
      }
      ebs_block_device {
        device_name = "/dev/xvdb"
        volume_size = 8
        encrypted   = true
      }
    }
  }
  fail {
    resource "aws_ami" "base" {
      name             = "base"
      root_device_name = "/dev/xvda"
      ebs_block_device {
        device_name = "/dev/xvda"
        volume_size = 8
      }
    }
  }
  unknown {
    variable "encrypt" {
      type = bool
    }
    resource "aws_ami" "base" {
      name             = "base"
      root_device_name = "/dev/xvda"
      ebs_block_device {
        device_name = "/dev/xvda"
        volume_size = 8
        encrypted   = var.encrypt
      }
    }
  }
}

policy "aws-ec2-ami-copy-encrypted" {
  title    = "Copies of machine images are encrypted"
  severity = "high"
  resource = ["aws_ami_copy"]
  checkov  = ["CKV_AWS_235"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.5.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-28"]
  }
  why = "The copy holds the same disks as the original, in plain text."
  fix = "Set encrypted = true."

  condition = self.encrypted == true

  pass {
    resource "aws_ami_copy" "base" {
      name              = "base-copy"
      source_ami_id     = "ami-0123456789abcdef0"
      source_ami_region = "eu-west-1"
      encrypted         = true
    }
  }
  fail {
    resource "aws_ami_copy" "base" {
      name              = "base-copy"
      source_ami_id     = "ami-0123456789abcdef0"
      source_ami_region = "eu-west-1"
    }
  }
}

policy "aws-ec2-ami-copy-customer-key" {
  title    = "Copies of machine images are encrypted with a key of your own"
  severity = "low"
  resource = ["aws_ami_copy"]
  checkov  = ["CKV_AWS_236"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["3.6.1"]
    iso27001    = ["A.8.24"]
    hipaa       = ["164.312(a)(2)(iv)"]
    nist_800_53 = ["SC-12", "SC-28"]
  }
  why = "An image under the key of AWS cannot be used from other accounts, and its use cannot be withdrawn."
  fix = "Set encrypted = true and kms_key_id to the ARN of an aws_kms_key."

  condition = (self.kms_key_id != null && self.kms_key_id != "") || exists(linked(self, "aws_kms_key", "aws_kms_alias"))

  pass {
    resource "aws_kms_key" "images" {
      enable_key_rotation = true
    }
    resource "aws_ami_copy" "base" {
      name              = "base-copy"
      source_ami_id     = "ami-0123456789abcdef0"
      source_ami_region = "eu-west-1"
      encrypted         = true
      kms_key_id        = aws_kms_key.images.arn
    }
  }
  fail {
    resource "aws_ami_copy" "base" {
      name              = "base-copy"
      source_ami_id     = "ami-0123456789abcdef0"
      source_ami_region = "eu-west-1"
      encrypted         = true
    }
  }
}

policy "aws-ec2-ami-not-public" {
  title    = "Machine images are not shared with everyone"
  severity = "critical"
  resource = ["aws_ami_launch_permission"]
  checkov  = ["CKV_AWS_205"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Everyone with an AWS account can start a public image and read what is on its disks."
  fix = "Share the image with accounts, organizational units or the organization that need it instead of with a group."

  # Checkov fails every launch permission, also one for a named account or the own organization: nobody could pass.
  condition = self.group == null || self.group == ""

  pass {
    resource "aws_ami_launch_permission" "partner" {
      image_id   = "ami-0123456789abcdef0"
      account_id = "111122223333"
    }
    resource "aws_ami_launch_permission" "organization" {
      image_id         = "ami-0123456789abcdef0"
      organization_arn = "arn:aws:organizations::111122223333:organization/o-123example"
    }
  }
  fail {
    resource "aws_ami_launch_permission" "everyone" {
      image_id = "ami-0123456789abcdef0"
      group    = "all"
    }
  }
}

policy "aws-ec2-ami-lookup-owner" {
  title    = "Images looked up by a pattern are those of a named owner"
  severity = "high"
  data     = ["aws_ami"]
  checkov  = ["CKV_AWS_386"]
  frameworks = {
    soc2        = ["CC8.1"]
    pci_dss     = ["6.3.2"]
    iso27001    = ["A.5.21"]
    nist_800_53 = ["SI-7", "SR-11"]
  }
  why = "Anyone can publish an image whose name fits the pattern; the newest wins, and you run it."
  fix = "Set owners, for example to [\"amazon\"] or an account id."

  condition = length(self.owners) > 0 || !anytrue([
    for f in self.filter : f.name == "name" && anytrue([for v in f.values : matches(v, "[*?]")])
  ])
  attribute = "owners"
  message   = "the name is a pattern and no owner is named"

  pass {
    data "aws_ami" "linux" {
      most_recent = true
      owners      = ["amazon"]
      filter {
        name   = "name"
        values = ["al2023-ami-*-x86_64"]
      }
    }
  }
  pass {
    data "aws_ami" "exact" {
      filter {
        name   = "name"
        values = ["base-2024-06-01"]
      }
    }
  }
  fail {
    data "aws_ami" "linux" {
      most_recent = true
      filter {
        name   = "virtualization-type"
        values = ["hvm"]
      }
      filter {
        name   = "name"
        values = ["al2023-ami-*-x86_64"]
      }
    }
  }
  unknown {
    variable "pattern" {
      type = string
    }
    data "aws_ami" "linux" {
      most_recent = true
      filter {
        name   = "name"
        values = [var.pattern]
      }
    }
  }
}

policy "aws-ec2-user-data-no-secrets" {
  title    = "User data holds no credentials"
  severity = "high"
  resource = ["aws_instance", "aws_launch_template", "aws_launch_configuration"]
  checkov  = ["CKV_AWS_46"]
  frameworks = {
    soc2        = ["CC6.1"]
    pci_dss     = ["8.6.2"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.17"]
    hipaa       = ["164.312(d)"]
    nist_800_53 = ["IA-5"]
  }
  why = "User data can be read by every process on the instance and by everyone who may describe it; it stays in the state, too."
  fix = "Let the instance fetch the secret from Secrets Manager or SSM with its role, and revoke the one written here."

  # Checkov does not look into user_data_base64, nor into base64 that a launch template is given.
  condition = alltrue([
    length(secrets(self.user_data)) == 0,
    length(secrets(try(base64decode(self.user_data), ""))) == 0,
    length(secrets(try(base64decode(self.user_data_base64), ""))) == 0,
  ])
  attribute = "user_data"
  message   = "a credential is written in user data"

  pass {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      user_data     = <<-EOT
        #!/bin/sh
        aws secretsmanager get-secret-value --secret-id app/db > /run/db.json
      EOT
    }
    resource "aws_instance" "plain" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      user_data     = <<-EOT
        #!/bin/sh
        export DATABASE_URL=postgres://app:not-a-real-one@db.internal/app
      EOT
    }
  }
  fail {
    resource "aws_launch_template" "web" {
      image_id  = "ami-0123456789abcdef0"
      user_data = base64encode("export DATABASE_URL=postgres://app:not-a-real-one@db.internal/app")
    }
  }
}

policy "aws-ec2-detailed-monitoring" {
  title    = "Instances are monitored every minute"
  severity = "low"
  resource = ["aws_instance"]
  checkov  = ["CKV_AWS_126"]
  frameworks = {
    soc2        = ["CC7.2"]
    iso27001    = ["A.8.16"]
    nist_800_53 = ["SI-4"]
  }
  why = "With metrics every five minutes short load peaks and outages are not seen, and alarms come late."
  fix = "Set monitoring = true."

  condition = self.monitoring == true

  pass {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      monitoring    = true
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  unknown {
    variable "monitoring" {
      type = bool
    }
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
      monitoring    = var.monitoring
    }
  }
}

policy "aws-ec2-ebs-optimized" {
  title    = "Instances are EBS-optimized"
  severity = "low"
  resource = ["aws_instance"]
  checkov  = ["CKV_AWS_135"]
  frameworks = {
    soc2        = ["A1.2"]
    iso27001    = ["A.8.14"]
    nist_800_53 = ["SC-5", "SI-13"]
  }
  why = "Otherwise disk and network share bandwidth, and a busy network slows the disks down."
  fix = "Set ebs_optimized = true. Current instance types are optimized anyway; the setting says so."

  condition = self.ebs_optimized == true

  pass {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.large"
      ebs_optimized = true
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "m5.large"
    }
  }
}

policy "aws-ec2-instance-profile" {
  title    = "Instances have a role of their own"
  severity = "low"
  resource = ["aws_instance"]
  checkov  = ["CKV2_AWS_41"]
  frameworks = {
    soc2        = ["CC6.3"]
    pci_dss     = ["7.2.1"]
    gdpr        = ["Art. 32"]
    iso27001    = ["A.5.15", "A.8.3"]
    cis_aws     = ["1.18"]
    hipaa       = ["164.312(a)(1)"]
    nist_800_53 = ["AC-3", "AC-6"]
  }
  why = "Where an instance has no role, long-lived access keys end up on its disk."
  fix = "Set iam_instance_profile to a profile with the few permissions that the instance needs."

  condition = self.iam_instance_profile != null || exists(linked(self, "aws_iam_instance_profile"))
  attribute = "iam_instance_profile"

  pass {
    resource "aws_iam_instance_profile" "web" {
      role = "web"
    }
    resource "aws_instance" "web" {
      ami                  = "ami-0123456789abcdef0"
      instance_type        = "t3.micro"
      iam_instance_profile = aws_iam_instance_profile.web.name
    }
  }
  fail {
    resource "aws_instance" "web" {
      ami           = "ami-0123456789abcdef0"
      instance_type = "t3.micro"
    }
  }
  unknown {
    variable "profile" {
      type = string
    }
    resource "aws_instance" "web" {
      ami                  = "ami-0123456789abcdef0"
      instance_type        = "t3.micro"
      iam_instance_profile = var.profile
    }
  }
}

policy "aws-ec2-autoscaling-launch-template" {
  title    = "Auto Scaling groups start from launch templates"
  severity = "low"
  resource = ["aws_autoscaling_group"]
  checkov  = ["CKV_AWS_315"]
  frameworks = {
    soc2        = ["CC7.1"]
    pci_dss     = ["2.2.1"]
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-6"]
  }
  why = "Launch configurations get no new features and have no versions; new accounts can no longer make them."
  fix = "Replace launch_configuration by a launch_template block."

  condition = length(self.launch_template) > 0 || length(self.mixed_instances_policy.launch_template) > 0
  message   = "no launch template"

  pass {
    resource "aws_autoscaling_group" "web" {
      min_size           = 1
      max_size           = 3
      availability_zones = ["eu-west-1a"]
      launch_template {
        id      = "lt-0123456789abcdef0"
        version = "$Latest"
      }
    }
    resource "aws_autoscaling_group" "mixed" {
      min_size           = 1
      max_size           = 3
      availability_zones = ["eu-west-1a"]
      mixed_instances_policy {
        launch_template {
          launch_template_specification {
            launch_template_id = "lt-0123456789abcdef0"
          }
        }
      }
    }
  }
  fail {
    resource "aws_autoscaling_group" "web" {
      min_size             = 1
      max_size             = 3
      availability_zones   = ["eu-west-1a"]
      launch_configuration = "web"
    }
  }
}

policy "aws-ec2-eip-attached" {
  title    = "Elastic IP addresses are in use"
  severity = "low"
  resource = ["aws_eip"]
  checkov  = ["CKV2_AWS_19"]
  frameworks = {
    iso27001    = ["A.8.9"]
    nist_800_53 = ["CM-2"]
  }
  why = "An address that belongs to nothing costs money and is forgotten in allow lists."
  fix = "Attach the address to an instance, a NAT gateway, a network interface or a load balancer, or release it."

  # Checkov knows instances, NAT gateways and transfer servers only, and fails addresses that do not say domain = "vpc".
  condition = anytrue([
    exists(linked(
      self, "aws_instance", "aws_eip_association", "aws_nat_gateway", "aws_transfer_server", "aws_network_interface",
      "aws_lb", "aws_alb", "aws_networkfirewall_firewall", "aws_globalaccelerator_accelerator"
    )),
    self.instance != null,
    self.network_interface != null,
  ])
  attribute = "instance"
  message   = "the address is attached to nothing"

  pass {
    resource "aws_eip" "nat" {
      domain = "vpc"
    }
    resource "aws_nat_gateway" "nat" {
      allocation_id = aws_eip.nat.id
      subnet_id     = "subnet-0123456789abcdef0"
    }
  }
  pass {
    resource "aws_eip" "web" {
      domain   = "vpc"
      instance = "i-0123456789abcdef0"
    }
  }
  fail {
    resource "aws_eip" "spare" {
      domain = "vpc"
    }
  }
}
