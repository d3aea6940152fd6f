"""What people do with contacts and groups of companies."""
