"""What server and clients share: messages, errors, limits, options, media types."""
