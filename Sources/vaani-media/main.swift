print("vaani")
