"""Keep connections and bodies within limits, on uvicorn.

uvicorn's and h11's own classes are known here alone; a contract test names what a release changes in them.
May import: deploy.server.{overload, answers, settings, about.logs}.

    connections   a connection of uvicorn's: few enough, and requests that arrive whole in time
    serving       the server of uvicorn's: its listener, its settings, its end; Readiness
    bodies        bodies up to a limit each, and up to a limit all together
"""
