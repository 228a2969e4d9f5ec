"""The registry in a DynamoDB table, ours or one that other programs fill too."""
