"""What taking a file in refuses as a whole."""

from members.errors import DomainError


class FileChanged(DomainError):
    """The file to be imported is not the one whose preview was confirmed."""
