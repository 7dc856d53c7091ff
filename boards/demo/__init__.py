"""The example installation: invented people, applications and what happens to them."""
