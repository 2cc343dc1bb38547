"""Readiness of a team, from boards, history, endpoints, logs and policies: six questions, with level and evidence."""
