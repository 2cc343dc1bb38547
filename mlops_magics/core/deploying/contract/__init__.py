"""The contract between server and clients: messages, errors, limits, options, media types."""
