"""The pages of uploading: the form, the protocol in parts, and the questions about a file."""
