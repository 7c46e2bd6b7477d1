"""Something that learns step by step, with the running average of its weights, and how both outlast a stop."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

STATE = "state.safetensors"
BETAS = (0.9, 0.98)
AVERAGED = 0.998  # how much of the average stays at each step, once there were many


class Learner:
    """Adam with decoupled weight decay over a module's parameters; what counts in the end is `average`."""

    def __init__(
        self, module: nn.Module, undecayed: Sequence[nn.Parameter], decay: float, clipped: float = 0.0
    ) -> None:
        """`undecayed` are the parameters without decay; gradients are `clipped` to a norm where that is above 0."""
        self.module, self._clipped = module, clipped
        alone = {id(weight) for weight in undecayed}
        decayed = [weight for weight in module.parameters() if id(weight) not in alone]
        groups = [{"params": decayed, "weight_decay": decay}, {"params": list(undecayed), "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, betas=BETAS, fused=True)
        self.average = {name: weight.detach().clone() for name, weight in module.named_parameters()}

    def step(self, loss: Tensor, rate: float, number: int) -> float:
        """Learn from one loss, which is returned; `number` counts the steps from 1."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clipped:
            torch.nn.utils.clip_grad_norm_(self.module.parameters(), self._clipped)
        self._optimizer.step()
        self._optimizer.zero_grad()
        stays = min(AVERAGED, (1 + number) / (10 + number))
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.values()), [weight.data for weight in self.module.parameters()], 1 - stays
            )
        return loss.item()

    def keep(self, folder: Path) -> None:
        """Everything that going on needs, put in the place of what was there at once. Raises OSError."""
        kept = {f"weight.{name}": weight.detach() for name, weight in self.module.named_parameters()}
        kept |= {f"average.{name}": weight for name, weight in self.average.items()}
        for name, weight in self.module.named_parameters():
            kept |= {f"{moment}.{name}": value.detach() for moment, value in self._optimizer.state[weight].items()}
        save_file({name: value.cpu().contiguous() for name, value in kept.items()}, folder / (STATE + ".part"))
        os.replace(folder / (STATE + ".part"), folder / STATE)

    def go_on(self, folder: Path) -> None:
        """Take up what `keep` kept. Raises OSError, KeyError."""
        kept = load_file(folder / STATE)
        with torch.no_grad():
            for name, weight in self.module.named_parameters():
                weight.copy_(kept[f"weight.{name}"])
                self.average[name].copy_(kept[f"average.{name}"])
                self._optimizer.state[weight] = {
                    moment: kept[f"{moment}.{name}"].to(weight.device if moment != "step" else "cpu")
                    for moment in ("step", "exp_avg", "exp_avg_sq")
                }
