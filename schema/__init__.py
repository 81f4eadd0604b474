"""What may be asked: GraphQL, and HTTP in."""
