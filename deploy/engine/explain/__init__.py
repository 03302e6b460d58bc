"""Explain forecasts: what each is made of, and what it would become if its inputs were others.

In: an Engine and a Request. Out: an Explanation. May import: deploy.engine, deploy.request.

    explanation   Explanation and Sensitivities: arrays with names
    splitting     a median as level, linear part and recurrent part, exactly
    perturbing    sensitivities, from a batch of perturbed inputs
    explaining    both, for the series of a request
    resting       what a forecast rests on: shares of its inputs, and a sentence
"""
