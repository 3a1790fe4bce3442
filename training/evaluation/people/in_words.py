"""What was measured of people's questions, in a sentence. Torch-free."""

from __future__ import annotations

from training.evaluation.people_record import ALL, PeopleRecord


def people_in_words(record: PeopleRecord) -> str:
    """How many are answered correctly, and whether the photo has a part in it."""
    whole = record.row(ALL)
    if whole is None:
        return ""
    looks = "so it looks at the photo for them" if whole.gain.low > 0 else "no clear difference"
    return (
        f"Of {whole.questions:,} questions that people asked about {record.photos:,} photos "
        f"{whole.right.value:.1f} % ({whole.right.low:.1f} to {whole.right.high:.1f}) are answered correctly (VQA's soft score), "
        f"{whole.another_photo.value:.1f} % with another photo in its place and {whole.question_alone.value:.1f} % without a "
        f"photo: {whole.gain.value:+.1f} points ({whole.gain.low:+.1f} to {whole.gain.high:+.1f}), {looks}."
    )
