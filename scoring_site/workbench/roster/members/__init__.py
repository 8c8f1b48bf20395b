"""The list of members and a member's page: what the roster says, the score with its reasons, the archive."""
