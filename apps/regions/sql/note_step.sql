-- Notes a finished step, in the transaction of its work. Tables: done. Parameters: step.
INSERT INTO {done} (step) VALUES (%(step)s);
