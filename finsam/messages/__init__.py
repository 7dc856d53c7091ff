"""Mail, calendar files and threads of messages."""
