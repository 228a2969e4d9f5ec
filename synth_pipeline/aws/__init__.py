"""What every AWS service has in common: making a client, and what its errors mean.

What one service does with a client lies with its part: `stores.s3`, `registries.dynamodb`,
`authoring.bedrock`.
"""
