"""Words that tell which choice of an either-or question a caption answers, and how such questions are put."""

from __future__ import annotations

from dataclasses import dataclass

COLOURS = ("red", "blue", "green", "yellow", "orange", "pink", "purple", "white", "black", "brown", "gray")
NEAR_COLOURS = (
    {"red", "orange", "pink"}, {"brown", "orange", "yellow"}, {"pink", "purple"}, {"white", "gray"}, {"black", "gray"},
    {"black", "brown"}, {"blue", "green"}, {"black", "blue"}, {"blue", "purple"}, {"blue", "gray"}, {"brown", "gray"},
)
"""Names that people give to the same color."""


@dataclass(frozen=True)
class Scene:
    """What a photo can be, as captions tell."""

    names: tuple[str, ...]
    words: frozenset[str]


_INDOORS = frozenset({
    "indoor", "indoors", "inside", "room", "kitchen", "bedroom", "couch", "sofa", "bed", "office", "restaurant", "bar",
    "gym", "carpet", "rug", "living", "ceiling", "hallway", "bathroom", "bathtub", "stage", "classroom", "library",
    "museum", "mall", "desk", "lamp", "bowling",
})
_OUTDOORS = frozenset({
    "outdoor", "outdoors", "outside", "grass", "grassy", "snow", "snowy", "beach", "ocean", "sea", "waves", "wave",
    "field", "street", "mountain", "mountains", "park", "lake", "river", "sand", "sandy", "forest", "woods", "sidewalk",
    "road", "yard", "trail", "hill", "trees", "tree", "sky", "garden", "cliff", "desert", "lawn", "pond", "path",
})
_DAY = frozenset({
    "sunny", "sun", "daytime", "day", "sunlight", "sunshine", "sunlit", "sunbathing",
})
_NIGHT = frozenset({
    "night", "nighttime", "dark", "fireworks", "moon", "evening",
})
SCENES: tuple[tuple[Scene, Scene, tuple[str, ...]], ...] = (
    (
        Scene(("indoors", "inside"), _INDOORS), Scene(("outdoors", "outside"), _OUTDOORS),
        ("Is it {}?", "Was this taken {}?", "Are they {}?", "Is this photo taken {}?", "{}?", "Is this {}?"),
    ),
    (
        Scene(("day", "daytime"), _DAY), Scene(("night", "nighttime"), _NIGHT),
        ("Is it {}?", "{}?", "Is it {} in the photo?", "Is this {}?", "Was this taken by {}?"),
    ),
)
"""Two kinds of scenes, name for name, then wordings."""
PLACES: dict[str, frozenset[str]] = {
    "on the beach": frozenset({
        "beach", "sand", "sandy", "shore", "surf", "ocean", "sea", "waves", "wave",
    }),
    "in the snow": frozenset({
        "snow", "snowy", "ski", "skis", "skiing", "skier", "snowboard", "snowboarder", "sled", "ice",
    }),
    "on the grass": frozenset({
        "grass", "grassy", "lawn", "field", "meadow", "soccer", "football", "park", "yard", "golf",
    }),
    "in the street": frozenset({
        "street", "road", "sidewalk", "city", "crosswalk", "downtown", "traffic", "urban", "alley", "pavement",
    }),
    "in the water": frozenset({
        "water", "pool", "swimming", "swim", "swims", "lake", "river", "ocean", "sea", "waves", "wave", "surf", "pond",
        "stream", "creek", "splashing", "boat", "kayak",
    }),
}
PLACE_WORDINGS = ("Is this {}?", "Was the photo taken {}?", "Are they {}?", "{}?", "Is it {}?")
DEEDS: dict[str, frozenset[str]] = {
    "sitting": frozenset({
        "sit", "sits", "seated", "sat",
    }),
    "standing": frozenset({
        "stand", "stands", "stood",
    }),
    "running": frozenset({
        "run", "runs", "ran", "race", "racing", "races", "chasing", "chase", "chases", "jogging", "playing", "play",
    }),
    "walking": frozenset({
        "walk", "walks", "walked", "hiking", "crossing", "strolling",
    }),
    "jumping": frozenset({
        "jump", "jumps", "jumped", "leap", "leaps", "leaping", "air", "midair", "mid-air", "hurdle", "trick",
    }),
    "swimming": frozenset({
        "swim", "swims", "swam", "water", "pool",
    }),
    "sleeping": frozenset({
        "sleep", "sleeps", "asleep", "lying",
    }),
    "climbing": frozenset({
        "climb", "climbs", "climber", "rock", "ladder",
    }),
}
"""Each with words beside which it may be going on."""
DEED_WORDINGS = ("{be} {who} {}?", "{be} {who} {}?", "What {be} {who} doing, {}?", "{}?", "{be} {who} {} in the photo?")
THING_WORDINGS = (
    "Is it {}?", "Is this {}?", "Do you see {}?", "Can you see {}?", "{}?", "Does the photo show {}?", "Is that {}?",
)
NUMBER_WORDINGS = ("{} {plural}?", "Can you see {} {plural}?", "How many {plural} are there, {}?", "Do you see {} {plural}?")
PERSON_WORDINGS = ("Is it {}?", "Is this {}?", "Is the person in the picture {}?", "{}?", "Do you see {}?", "Is that {}?")
SEXES = (("man", "woman"), ("boy", "girl"))
