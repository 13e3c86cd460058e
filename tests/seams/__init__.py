"""The portal as it really runs: uvicorn, both workers, beat and a Redis of their own."""
