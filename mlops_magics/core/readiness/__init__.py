"""What boards, history, endpoints, logs and policies say of a team: six questions, each with level and evidence."""
