"""What says most: features, weights and the choice of sentences and pull-quotes."""
