"""Chinese text models: texts come in, calibrated tags and sentence embeddings go out; nothing else of ours is imported.

``Tagger`` is what everybody uses (onnxruntime, no torch). Everything about training needs the ``train`` extra.
"""
