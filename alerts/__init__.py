"""What happens to an alert: decide who is told, say it in ten seconds, and bring it there."""
