replicas = "three"
zones    = "eu-central-1a"

database = {
  size = 10
}
