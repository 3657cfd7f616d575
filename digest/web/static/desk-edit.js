/* The review desk: changing things. */
