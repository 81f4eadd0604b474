"""The declaration of confidentiality: what was read is what was signed."""
from hashlib import sha256


def text_hash(language: str, text: str) -> str:
    """SHA-256, hexadecimal, of the words and the language that they stand in."""
    return sha256(f"{language}\0{text}".encode()).hexdigest()
