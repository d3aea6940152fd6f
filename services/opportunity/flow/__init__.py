"""How opportunities flow through the funnel: conversion, time per stage, win rate, velocity, ageing."""
