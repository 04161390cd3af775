"""One matrix for bias, input and hidden state, and a tape of whole arrays over time."""

import numpy as np

from rnnproof.dialects import Dialect, Joined, Stack

GATES = "i f o g"


class BatchedLSTM:
    dialect = Dialect(
        arrays={
            "WLSTM": Joined(
                (
                    Joined((Stack(GATES, of="b"),), axis=0, new=True),
                    Stack(GATES, of="W", axis=1, transpose=True),
                    Stack(GATES, of="U", axis=1, transpose=True),
                ),
                axis=0,
            )
        },
        state=("h", "c"),
    )

    def forward(self, X, WLSTM, c0, h0):
        n, b, input_size = X.shape
        d = WLSTM.shape[1] // 4
        Hin = np.zeros((n, b, WLSTM.shape[0]))
        Hout = np.zeros((n, b, d))
        IFOG = np.zeros((n, b, d * 4))
        IFOGf = np.zeros((n, b, d * 4))
        C = np.zeros((n, b, d))
        Ct = np.zeros((n, b, d))
        for t in range(n):
            prevh = Hout[t - 1] if t > 0 else h0
            prevc = C[t - 1] if t > 0 else c0
            Hin[t, :, 0] = 1
            Hin[t, :, 1 : input_size + 1] = X[t]
            Hin[t, :, input_size + 1 :] = prevh
            IFOG[t] = Hin[t].dot(WLSTM)
            IFOGf[t, :, : 3 * d] = 1.0 / (1.0 + np.exp(-IFOG[t, :, : 3 * d]))
            IFOGf[t, :, 3 * d :] = np.tanh(IFOG[t, :, 3 * d :])
            C[t] = IFOGf[t, :, :d] * IFOGf[t, :, 3 * d :] + IFOGf[t, :, d : 2 * d] * prevc
            Ct[t] = np.tanh(C[t])
            Hout[t] = IFOGf[t, :, 2 * d : 3 * d] * Ct[t]
        self.tape = (Hin, IFOGf, C, Ct, c0, h0, input_size)
        return Hout, C[-1], Hout[-1]

    def backward(self, WLSTM, dHout_in, dcn, dhn):
        Hin, IFOGf, C, Ct, c0, h0, input_size = self.tape
        n, b, d = C.shape
        dIFOG = np.zeros(IFOGf.shape)
        dIFOGf = np.zeros(IFOGf.shape)
        dWLSTM = np.zeros(WLSTM.shape)
        dHin = np.zeros(Hin.shape)
        dC = np.zeros(C.shape)
        dX = np.zeros((n, b, input_size))
        dh0 = np.zeros(h0.shape)
        dc0 = np.zeros(c0.shape)
        dHout = dHout_in.copy()
        dC[n - 1] += dcn
        dHout[n - 1] += dhn
        for t in reversed(range(n)):
            dIFOGf[t, :, 2 * d : 3 * d] = Ct[t] * dHout[t]
            dC[t] += (1 - Ct[t] ** 2) * (IFOGf[t, :, 2 * d : 3 * d] * dHout[t])
            if t > 0:
                dIFOGf[t, :, d : 2 * d] = C[t - 1] * dC[t]
                dC[t - 1] += IFOGf[t, :, d : 2 * d] * dC[t]
            else:
                dIFOGf[t, :, d : 2 * d] = c0 * dC[t]
                dc0 = IFOGf[t, :, d : 2 * d] * dC[t]
            dIFOGf[t, :, :d] = IFOGf[t, :, 3 * d :] * dC[t]
            dIFOGf[t, :, 3 * d :] = IFOGf[t, :, :d] * dC[t]
            dIFOG[t, :, 3 * d :] = (1 - IFOGf[t, :, 3 * d :] ** 2) * dIFOGf[t, :, 3 * d :]
            y = IFOGf[t, :, : 3 * d]
            dIFOG[t, :, : 3 * d] = (y * (1.0 - y)) * dIFOGf[t, :, : 3 * d]
            dWLSTM += np.dot(Hin[t].T, dIFOG[t])
            dHin[t] = dIFOG[t].dot(WLSTM.T)
            dX[t] = dHin[t, :, 1 : input_size + 1]
            if t > 0:
                dHout[t - 1] += dHin[t, :, input_size + 1 :]
            else:
                dh0 += dHin[t, :, input_size + 1 :]
        return dX, dWLSTM, dc0, dh0

    def run(self, params, x, state):
        h0, c0 = state
        Hout, cn, hn = self.forward(x, params["WLSTM"], c0, h0)
        return Hout.copy(), (hn.copy(), cn.copy())

    def grad(self, params, x, state, cotangents):
        h0, c0 = state
        self.forward(x, params["WLSTM"], c0, h0)
        dhn, dcn = cotangents["state"]
        dX, dW, dc0, dh0 = self.backward(params["WLSTM"], cotangents["outputs"], dcn, dhn)
        return {"params": {"WLSTM": dW}, "x": dX, "state": (dh0, dc0)}
