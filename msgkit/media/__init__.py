"""Media in and out: opening what a message refers to, storing what is taken out, making pictures and sound fit."""
