"""Photos of houses: taken over for a draft or a file, compared with the point, shown, removed."""
