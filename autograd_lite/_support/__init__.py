"""What has nothing to do with derivatives: files, JSON, wording, remedies."""
