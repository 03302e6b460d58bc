"""Keep connections and bodies within limits, on uvicorn.

uvicorn's and h11's own classes are known here alone; a contract test names what a release changes in them.
May import: deploy.server.{overload, answers, settings, about.logs}.

    listening     the listener: connections as there are places and files for them
    room          places of connections, some kept for probes; answers that are not taken yet
    connections   a connection of uvicorn's: requests whole in time, answers taken in time, a patient end
    chunks        bodies in chunks, many chunks at a time, on h11
    serving       the server of uvicorn's: its settings, its end; Readiness
    bodies        bodies up to a limit each, and up to a limit all together
"""
