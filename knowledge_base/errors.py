"""Errors of the knowledge base.

KnowledgeBaseError
├── ArticleError
├── EmptyTextError
├── IndexMissingError
└── IndexMismatchError
"""


class KnowledgeBaseError(Exception):
    """Root of all errors of ``knowledge_base``."""


class ArticleError(KnowledgeBaseError):
    """An article cannot be used; the message names file, line and remedy."""


class EmptyTextError(KnowledgeBaseError):
    """A text is blank."""


class IndexMissingError(KnowledgeBaseError):
    """The index is not where it should be, or cannot be read."""


class IndexMismatchError(KnowledgeBaseError):
    """Index, passages and encoder do not belong together."""
