"""What two sources cannot both be right about: found, asked, answered, taken over."""
