"""What a person or a timer asks for, one job a file: between the edges and the pipeline."""
