"""Pure text work: blocks, sentences, tokens, names, quotations, speakers."""
