"""What is kept, and the rules it keeps."""
