from pathlib import Path

import pytest
import torch

from easel_train import fixture, training
from easel_train.autoencoder import Autoencoder, AutoencoderConfig, Fsq
from easel_train.gpt import HIDDEN, Gpt, GptConfig
from easel_train.shared_codes import plain_weights, share_digits
from easel_train.train_tokenizer import losses, start_from
from easel_train.training import Machine, MovingAverage, Run, learning_rate, make_optimizer, read_config

ALONE = Machine(torch.device("cpu"), 0, 1)


def batch(step: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(step)
    c = fixture.GPT
    caption = torch.randint(2, 300, (8, 6), generator=generator)
    return caption, torch.ones(8, 6), torch.randint(0, c.codebook, (8, c.image_tokens), generator=generator)


def parts() -> tuple[Gpt, MovingAverage, torch.optim.Optimizer]:
    torch.manual_seed(1)
    model = Gpt(fixture.GPT, Fsq(fixture.AUTOENCODER.levels).codes())
    return model, MovingAverage(model), make_optimizer(model, 3e-3, weight_decay=0.05)


def steps(model, average, optimizer, indices) -> list[float]:
    seen = []
    for index in indices:
        loss = model.loss(*batch(index))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average.update(model)
        seen.append(loss.item())
    return seen


def test_two_steps_lower_the_loss_of_a_gpt():
    model, average, optimizer = parts()
    first, second = steps(model, average, optimizer, [0, 0])
    assert first == pytest.approx(torch.log(torch.tensor(125.0)).item(), abs=0.3)  # as good as guessing
    assert model.loss(*batch(0)).item() < second < first


def test_codes_that_share_digits_compute_the_same_and_are_saved_without_sharing(tmp_path):
    fsq = Fsq(fixture.AUTOENCODER.levels)
    alone, _, _ = parts()
    model, _, _ = parts()
    share_digits(model, fsq)
    assert torch.equal(model(*batch(0)), alone(*batch(0)))
    average, optimizer = MovingAverage(model, decay=0.0), make_optimizer(model, 3e-3, weight_decay=0.05)
    steps(model, average, optimizer, [0, 1])
    average.weights = {key: value.clone() for key, value in model.state_dict().items()}
    run = Run(tmp_path, 1, ALONE, lambda weights: plain_weights(weights, fsq))
    run.save(model, average, optimizer, fixture.GPT.to_dict())
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["model"]
    alone.load_state_dict(saved)
    assert torch.equal(model(*batch(2)), alone(*batch(2)))
    # Two codes with a digit in common: what one learns moves the other.
    rows = model.head.parametrizations.weight.original.detach()
    assert not torch.allclose(saved["head.weight"], rows, atol=1e-3)
    again, _, _ = parts()
    share_digits(again, fsq)
    fresh, other = MovingAverage(again), make_optimizer(again, 3e-3, weight_decay=0.05)
    assert Run(tmp_path, 1, ALONE).resume(again, fresh, other)
    assert torch.equal(again(*batch(2)), model(*batch(2)))


def test_two_steps_lower_the_loss_of_a_tokenizer():
    torch.manual_seed(1)
    model = Autoencoder(fixture.AUTOENCODER)
    optimizer = make_optimizer(model, 2e-3, weight_decay=0.0)
    pixels = torch.rand(4, 4, 32, 32)
    seen = []
    for _ in range(3):
        loss, _ = losses(model, pixels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    assert seen[2] < seen[1] < seen[0]


def test_resuming_from_a_checkpoint_equals_never_having_stopped(tmp_path):
    whole = parts()
    steps(*whole, range(6))
    stopped = parts()
    steps(*stopped, range(3))
    run = Run(tmp_path, 1, ALONE)
    run.step = 3
    run.log(loss=1.0)
    run.save(*stopped, fixture.GPT.to_dict())
    resumed, again = parts(), Run(tmp_path, 1, ALONE)
    assert again.resume(*resumed)
    assert (again.step, again.history) == (3, run.history)
    steps(*resumed, range(3, 6))
    for name, tensor in whole[0].state_dict().items():
        assert torch.equal(tensor, resumed[0].state_dict()[name]), name
    for name, tensor in whole[1].weights.items():
        assert torch.equal(tensor, resumed[1].weights[name]), name


def test_a_run_without_a_checkpoint_starts_at_the_beginning(tmp_path):
    assert not Run(tmp_path, 1, ALONE).resume(*parts())


def test_the_learning_rate_warms_up_and_falls_to_a_hundredth():
    assert learning_rate(0.0, 1.0) < learning_rate(0.015, 1.0) < learning_rate(0.03, 1.0) == pytest.approx(1.0)
    assert learning_rate(1.0, 1.0) == pytest.approx(0.01)


def test_a_token_sees_its_caption_and_what_was_drawn_before_it_and_nothing_else():
    model = parts()[0]
    caption, mask, ids = batch(0)
    base = model(caption, mask, ids)
    changed = ids.clone()
    changed[:, 9] = (changed[:, 9] + 1) % fixture.GPT.codebook
    moved = (model(caption, mask, changed) - base).abs().amax((0, 2))
    assert (moved[:10] == 0).all()  # the id of place 9 is first seen when place 10 is drawn
    assert (moved[10:] > 0).all()
    other = caption.clone()
    other[:, 0] += 1
    assert ((model(other, mask, ids) - base).abs().amax((0, 2)) > 0).all()


def test_padding_of_a_caption_changes_nothing():
    model = parts()[0]
    caption, mask, ids = batch(0)
    padded = torch.nn.functional.pad(caption, (0, 4))
    longer = torch.nn.functional.pad(mask, (0, 4))
    torch.testing.assert_close(model(padded, longer, ids), model(caption, mask, ids), atol=1e-5, rtol=1e-5)
    assert HIDDEN < -1e6


def test_codes_survive_the_way_to_ids_and_back():
    fsq = Fsq((7, 5, 4))
    codes = fsq.codes()
    ids = fsq.to_ids(codes.T[None, :, :, None])
    assert ids[0].tolist() == list(range(7 * 5 * 4))


def test_easel_small_is_of_its_size_and_takes_a_step():
    file = Path(__file__).parents[1] / "easel-small-config.json"
    tokenizer = AutoencoderConfig(**read_config(str(file), "tokenizer"))
    config = GptConfig(**read_config(str(file), "gpt"))
    model = Gpt(config)
    assert sum(p.numel() for p in model.parameters()) <= 25_000_000
    assert (config.rows, config.codebook) == (tokenizer.grid, tokenizer.codebook) == (16, 4375)
    captions, mask = torch.full((1, 4), 5), torch.ones(1, 4)
    loss = model.loss(captions, mask, torch.zeros(1, config.image_tokens, dtype=torch.long))
    loss.backward()
    assert model.blocks[9].down.weight.grad.abs().sum() > 0


def test_threads_are_tried_and_the_faster_number_kept(monkeypatch):
    clock, threads = [0.0], [2]
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads[0])
    monkeypatch.setattr(torch, "set_num_threads", lambda count: threads.__setitem__(0, count))
    monkeypatch.setattr(training.time, "monotonic", lambda: clock[0])
    chooser = training.Threads(ALONE, period=30)
    for seconds, kept in (({1: 1.0, 2: 3.0}, 1), ({1: 2.0, 2: 1.0}, 2)):
        for _ in range(30):
            chooser.tick()
            clock[0] += seconds[threads[0]]
        assert threads[0] == kept


def test_another_tokenizers_larger_kernels_are_cut_to_their_middle():
    torch.manual_seed(3)
    model = Autoencoder(fixture.AUTOENCODER)
    given = {k: torch.randn_like(v) for k, v in model.state_dict().items()}
    name = next(k for k, v in given.items() if v.shape[-2:] == (1, 1) and "encoder" in k)
    given[name] = torch.randn(*given[name].shape[:2], 3, 3)
    start_from(model, given)
    assert torch.equal(model.state_dict()[name], given[name][..., 1:2, 1:2])
