master_password = "not-a-real-password"
session_token   = "not-a-real-token"

users = {
  ada   = { password = "not-a-real-password-either", admin = true }
  grace = { password = "nor-is-this" }
}
