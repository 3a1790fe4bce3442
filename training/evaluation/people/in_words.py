"""What was measured of people's questions, in a sentence. Torch-free."""

from __future__ import annotations

from training.evaluation.metrics.interval_words import change_in_words, in_sentence
from training.evaluation.people_record import ALL, PeopleRecord


def people_in_words(record: PeopleRecord) -> str:
    """How many are answered correctly, and whether the photo has a part in it."""
    whole = record.row(ALL)
    if whole is None:
        return ""
    looks = "so it looks at the photo for them" if whole.gain.low > 0 else "no clear difference"
    return (
        f"Of {whole.questions:,} questions that people asked about {record.photos:,} photos "
        f"{in_sentence(whole.right, ' %')} are answered correctly (VQA's soft score), "
        f"{whole.another_photo.value:.1f} % with another photo in its place and {whole.question_alone.value:.1f} % without a "
        f"photo: {change_in_words(whole.gain, unit=' points')}, {looks}."
    )
