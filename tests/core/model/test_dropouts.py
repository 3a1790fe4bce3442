"""Heads are silenced whole, for all tokens of a sequence, and only while training."""

import torch

from core.model.dropouts import HeadDropout


def ones() -> torch.Tensor:
    return torch.ones(50, 8, 3, 5, 4)  # [B, H, G, T, E]


def test_nothing_is_silenced_outside_training() -> None:
    assert torch.equal(HeadDropout(0.9).eval()(ones()), ones())


def test_without_a_share_no_random_number_is_drawn() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert torch.equal(HeadDropout(0.0).train()(ones()), ones())
    assert torch.equal(torch.get_rng_state(), before)


def test_a_head_is_silenced_for_all_tokens_of_a_sequence_and_the_others_stay_as_they_are() -> None:
    torch.manual_seed(0)
    silenced = HeadDropout(0.8).train()(ones())
    assert set(silenced.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(silenced, silenced[..., :1, :1].expand_as(silenced))


def test_guided_silencing_takes_the_heads_that_look_least_at_the_image_token_by_token() -> None:
    torch.manual_seed(0)
    mass = torch.rand(50, 3, 5, 8)  # [B, G, T, H]
    silenced = HeadDropout(0.8, guided=0.999).train()(ones(), mass)[..., 0].movedim(1, -1)  # [B, G, T, H]
    kept = silenced > 0
    assert set(kept.sum(-1).unique().tolist()) <= set(range(2, 9))
    lowest_kept = mass.masked_fill(~kept, 9.0).amin(-1)
    highest_silenced = mass.masked_fill(kept, -9.0).amax(-1)
    assert (lowest_kept > highest_silenced).float().mean() > 0.99


def test_sequences_draw_their_own_shares_from_none_to_the_largest() -> None:
    torch.manual_seed(0)
    kept = HeadDropout(0.8).train()(ones())[..., 0, 0].mean(1)  # [B, G], part of the heads kept
    assert kept.max() == 1
    assert kept.min() <= 0.375
    assert abs(kept.mean().item() - 0.6) < 0.05
