"""The pages of economy, for the office, the board and the auditor."""
