"""Handing out documents of a case, with what is secret masked so that it is really gone."""
