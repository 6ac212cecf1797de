# Not kept by CreateTable. Capacity: as the module says.
resource "aws_dynamodb_table" "this" {
  lifecycle {
    ignore_changes = [on_demand_throughput, read_capacity, write_capacity]
  }
}
